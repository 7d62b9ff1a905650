package place

import (
	"context"
	"time"

	"github.com/minio/minio-go/v7"
)

// Client is the client of a bucket, for what only its owner does.
func Client(p Place) *minio.Client { return p.(*bucket).client }

// AbortLeftovers ends the uploads in parts that began before a time.
func AbortLeftovers(ctx context.Context, p Place, before time.Time) error {
	return p.(*bucket).abortLeftovers(ctx, before)
}
