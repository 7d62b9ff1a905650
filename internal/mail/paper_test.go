package mail

import (
	"context"
	"testing"
	"time"

	"kartotek/internal/database"
)

// desk takes letters.
type desk struct{ sealed, queued, dropped []Message }

type sheet struct {
	desk *desk
	m    Message
}

func (d *desk) Prepare(_ context.Context, messages []Message) ([]Sheet, error) {
	d.sealed = append(d.sealed, messages...)
	var sheets []Sheet
	for _, m := range messages {
		sheets = append(sheets, sheet{d, m})
	}
	return sheets, nil
}

func (s sheet) Enqueue(*database.Tx) error {
	s.desk.queued = append(s.desk.queued, s.m)
	return nil
}

func (s sheet) Discard(context.Context) error {
	s.desk.dropped = append(s.desk.dropped, s.m)
	return nil
}

// Somebody without an address gets a letter, in the same act as the others their
// mails; without a queue, and for nobody in the register, it is refused.
func TestWithoutAddressOnPaper(t *testing.T) {
	d := &desk{}
	each(t, func(o *Options) { o.Mailbox, o.Paper = true, d }, func(h *house) {
		*d = desk{}
		ends := h.clock.Now().Add(time.Hour)
		mixed := []Message{
			{Person: 7, To: "kari@x.example", Subject: "Besked", Body: "a", Ends: ends},
			{Person: 8, Subject: "Besked", Body: "b", Ends: ends},
			{Person: 9, To: "ola@x.example", Subject: "Besked", Body: "c", Ends: ends},
		}
		all, err := h.PrepareAll(ctx, mixed...)
		h.must(err)
		h.must(h.db.Write(ctx, func(tx *database.Tx) error {
			for _, p := range all {
				if err := p.Enqueue(tx); err != nil {
					return err
				}
			}
			return nil
		}))
		if len(d.queued) != 1 || d.queued[0].Person != 8 || h.rows() != 2 {
			t.Errorf("%d letters, %d mails", len(d.queued), h.rows())
		}
		more, err := h.Prepare(ctx, mixed[1])
		h.must(err)
		h.must(h.Discard(ctx, more))
		if len(d.dropped) != 1 || !h.OnPaper() {
			t.Errorf("%+v", d)
		}
		for _, m := range []Message{{Subject: "Besked", Body: "a", Ends: ends}, {Person: 8, Decoy: true, Subject: "Besked", Body: "a", Ends: ends}} {
			if _, err := h.Prepare(ctx, m); err == nil {
				t.Errorf("taken: %+v", m)
			}
		}
	})
	each(t, nil, func(h *house) {
		if _, err := h.Prepare(ctx, Message{Person: 8, Subject: "Besked", Body: "b", Ends: h.clock.Now().Add(time.Hour)}); err == nil || h.OnPaper() {
			t.Error("a letter without a queue")
		}
	})
}
