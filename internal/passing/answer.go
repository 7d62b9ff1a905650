package passing

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// receiptPattern is what a recipient's mark of a batch may look like: no words, so that
// no name gets in.
var receiptPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$`)

// cleanReceipt keeps a receipt that a webhook gave only where it is one.
func cleanReceipt(text string) string {
	if receiptPattern.MatchString(text) {
		return text
	}
	return ""
}

// batchFor finds a batch and decides that somebody may act on it.
func (s *Service) batchFor(ctx context.Context, by access.Actor, id int64) (b Batch, r *charter.Receiver, as access.Actor, scope access.Scope, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if b, err = batchOf(q, id); err != nil {
			return err
		}
		r, err = s.of(q, b.Recipient)
		return err
	})
	if err != nil {
		return b, r, by, scope, err
	}
	as, scope, err = s.runner(ctx, by, r)
	return b, r, as, scope, err
}

// Acknowledge enters the recipient's receipt of a batch that it did not acknowledge
// itself: what was in it is what the recipient has from then on.
func (s *Service) Acknowledge(ctx context.Context, by access.Actor, id int64, receipt string) error {
	b, r, as, scope, err := s.batchFor(ctx, by, id)
	if err != nil {
		return err
	}
	receipt = strings.TrimSpace(receipt)
	switch {
	case b.State == Acknowledged:
		return nil
	case b.State != Sent && b.Tries == 0:
		return fault.New(fault.Conflict, "passing.error.unsent")
	case !receiptPattern.MatchString(receipt):
		return fault.New(fault.Invalid, "passing.error.receipt").With("receipt", "passing.error.receipt")
	}
	s.working.Lock()
	defer s.working.Unlock()
	return s.settle(ctx, r, id, Acknowledged, scope.Entry(journal.PassAnswer), as.Person, receipt, "passing.answer.receipt")
}

// Again has a batch tried again at once.
func (s *Service) Again(ctx context.Context, by access.Actor, id int64) error {
	b, _, _, _, err := s.batchFor(ctx, by, id)
	if err != nil {
		return err
	}
	if b.Way != ByWebhook || b.State != Ready && b.State != Sent {
		return fault.New(fault.Conflict, "passing.error.state")
	}
	s.working.Lock()
	defer s.working.Unlock()
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE passing_batch SET state = $2, next_at = $3 WHERE id = $1 AND state IN ($2, $4)`, id, string(Ready), tx.Now().UnixMicro(), string(Sent))
		return err
	})
}

// GiveUp ends a batch of entries that the recipient will not acknowledge: what was in
// it goes again with the next run. What is to be deleted is never given up.
func (s *Service) GiveUp(ctx context.Context, by access.Actor, id int64) error {
	b, r, _, scope, err := s.batchFor(ctx, by, id)
	if err != nil {
		return err
	}
	if b.Removal || !b.State.canBecome(Failed) {
		return fault.New(fault.Conflict, "passing.error.state")
	}
	s.working.Lock()
	defer s.working.Unlock()
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := batchOf(tx, id)
		if err != nil {
			return err
		}
		if !now.State.canBecome(Failed) {
			return fault.New(fault.Conflict, "passing.error.state")
		}
		return s.fail(tx, r, &now, scope.Entry(journal.PassAnswer))
	})
}

// Export makes the file of a batch. One with members' fields is a list: it has a number,
// everybody on it is journaled, and whoever downloads it answers for its destruction
// (D12). One with references only names nobody.
func (s *Service) Export(ctx context.Context, by access.Actor, id int64, lang string) (Delivery, error) {
	b, r, as, scope, err := s.batchFor(ctx, by, id)
	if err != nil {
		return nil, err
	}
	s.working.Lock()
	defer s.working.Unlock()
	if b.Way != ByFile || b.State != Ready && b.State != Sent {
		return nil, fault.New(fault.Conflict, "passing.error.state")
	}
	if b.Removal {
		return s.exportRemoval(ctx, scope, &b, lang)
	}
	defer s.hold()()
	out, passed, err := s.gather(ctx, scope, r, &b)
	if err != nil {
		return nil, err
	}
	if len(out.lines) == 0 { // everybody in it was taken back meanwhile
		if err := s.leave(ctx, scope.Entry(journal.PassOut), &b, &out, passed); err != nil {
			return nil, err
		}
		if err := s.settle(ctx, r, id, Acknowledged, scope.Entry(journal.PassAnswer), as.Person, "", ""); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.NotFound, "passing.error.empty")
	}
	among, purpose := roaring.New(), scope.Purpose()
	lines := make(map[string]*EntryLine, len(out.lines))
	for i := range out.lines {
		lines[out.lines[i].Reference] = &out.lines[i]
	}
	for person := range out.sent {
		among.Add(uint32(person))
	}
	if b.Numbers {
		purpose = r.Numbers()
	}
	p := locale.For(lang)
	columns := []document.Column{{Name: p.T("passing.column.reference"), Type: document.Text}, {Name: p.T("passing.column.event"), Type: document.Text}}
	codes := []string{} // declared fields that stand on no other list
	for _, code := range purpose.Fields {
		f, _ := s.Charter.Field(code)
		switch {
		case f.Type == charter.TypeUnit:
			codes, columns = append(codes, code), append(columns, document.Column{Name: p.T("passing.column.unit"), Type: document.Text})
		case !f.List:
			codes, columns = append(codes, code), append(columns, document.Column{Name: f.Name.In(p.Lang()), Type: document.Text})
		}
	}
	d, err := s.Lists.Pull(ctx, as, Listing{
		Purpose: purpose.Code, Unit: s.root(), Lang: lang, Among: among, Columns: columns,
		Cells: func(person vault.PersonID) []string {
			cells := make([]string, len(columns))
			if l := lines[s.reference(r.Code, person)]; l != nil {
				cells[0], cells[1] = l.Reference, string(l.Event)
				for i, code := range codes {
					cells[2+i] = l.Fields[code]
				}
			}
			return cells
		},
	})
	if err != nil {
		return nil, err
	}
	if err := s.leave(ctx, scope.Entry(journal.PassOut), &b, &out, passed); err != nil {
		return nil, err
	}
	return d, s.handed(ctx, b.ID, d.Number())
}

// handed notes that a batch is with whoever carries it.
func (s *Service) handed(ctx context.Context, id, list int64) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := batchOf(tx, id)
		if err != nil {
			return err
		}
		b.State, b.NextAt, b.List = Sent, time.Time{}, list
		return putBatch(tx, &b)
	})
}

// page is a file with references only.
type page struct {
	name string
	body []byte
}

func (page) Number() int64       { return 0 }
func (p page) FileName() string  { return p.name }
func (page) ContentType() string { return "text/csv; charset=utf-8" }
func (p page) Write(_ context.Context, w io.Writer) error {
	_, err := w.Write(p.body)
	return err
}

func (s *Service) exportRemoval(ctx context.Context, scope access.Scope, b *Batch, lang string) (Delivery, error) {
	body, err := s.tell(ctx, scope.Entry(journal.PassTell), b)
	if err != nil {
		return nil, err
	}
	p := locale.For(lang)
	var file bytes.Buffer
	w := document.NewCSV(&file, []document.Column{
		{Name: p.T("passing.column.reference"), Type: document.Text}, {Name: p.T("passing.column.event"), Type: document.Text},
		{Name: p.T("passing.column.withhold"), Type: document.Text},
	}, document.CSVOptions{})
	for i := range body {
		if err := w.Write([]string{body[i].Reference, string(body[i].Event), joined(body[i].Withhold)}); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return page{MessageID(p.T("passing.file"), b.ID) + ".csv", file.Bytes()}, s.handed(ctx, b.ID, 0)
}
