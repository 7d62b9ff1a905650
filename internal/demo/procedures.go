package demo

import (
	"context"

	"kartotek/internal/procedure"
)

// publish lets member service publish the procedure and the guideline as the charter
// says them, some weeks ago (D15).
func (b *builder) publish(ctx context.Context) error {
	b.clock.daysAgo(publishedDays)
	texts := publishing[b.language]
	for _, code := range procedure.Codes() {
		if _, err := b.Procedures.Publish(ctx, b.service, procedure.Wish{Document: code, Function: texts.function, Reason: texts.reason}); err != nil {
			return err
		}
	}
	return nil
}

// publishedDays is how long ago the demo's procedure was published.
const publishedDays = 44

// publishing is what stands on it, by the federation's language.
var publishing = map[string]struct{ function, reason string }{
	"da": {"Medlemsservice", "Første udgave i Kartotek"},
	"nb": {"Medlemsregisteransvarlig", "Første utgave i Kartotek"},
}
