package mail

import (
	"context"

	"kartotek/internal/database"
)

// Paper takes what is written to somebody who has no address: it is printed and
// posted instead. app satisfies it with the print queue.
type Paper interface {
	// Prepare seals messages as letters, in their order.
	Prepare(ctx context.Context, messages []Message) ([]Sheet, error)
}

// Sheet is a letter that waits to be put into the queue.
type Sheet interface {
	Enqueue(tx *database.Tx) error
	Discard(ctx context.Context) error
}

// OnPaper reports whether there is a way to write to somebody without an address.
func (b *Outbox) OnPaper() bool { return b.o.Paper != nil }

// onPaper reports whether a message goes to somebody who has no address.
func (b *Outbox) onPaper(m *Message) bool {
	return b.o.Paper != nil && m.To == "" && m.Person != 0 && !m.Decoy
}
