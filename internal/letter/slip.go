package letter

import (
	"context"

	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/vault"
)

// Slips give the slip that is printed after a letter which asks something of somebody
// without e-mail. app connects the room of consents.
type Slips interface {
	Slip(ctx context.Context, by vault.PersonID, l *Letter, name string) (*Slip, error) // nil for a letter without one
}

// Slip is a page to be cut off, filled in and sent back.
type Slip struct {
	Lead  string
	Strip document.Strip
	Note  func(*database.Tx) error // in the transaction that notes the printing
}

// slip is that of a letter, where there is one.
func (s *Service) slip(ctx context.Context, by vault.PersonID, paper Paper, l *Letter, name string) (*Slip, error) {
	if s.Slips == nil || paper != Letters {
		return nil, nil
	}
	return s.Slips.Slip(ctx, by, l, name)
}
