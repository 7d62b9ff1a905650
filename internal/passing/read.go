package passing

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Declared is a recipient in words, for whoever must tell of it: the declaration, the
// privacy page, a member's own page (N9, N12, GDPR Art. 13(1)(e) and (f)).
type Declared struct {
	Code, Country    string
	Name, Hint       charter.Words
	Basis, BasisText string // the text in the language asked for
	Transfer         string
	TransferText     string
	Consent          string // the code that is asked; "" where nobody is
	Refusal          string // charter.RefusalLeaveOut …
	RefusalBasis     string
	RefusalText      string
	Fields           []string
	EveryDays        int
}

// Recipients are whom the members of a body are passed on to, in words. Every body of
// the association has the same; one that has no members has none.
func (s *Service) Recipients(_ context.Context, body unit.ID, lang string) []Declared {
	u, known := s.Units.Tree().ByID(body)
	if !known || u.Closed {
		return nil
	}
	return s.Declared(lang)
}

// Declared are all declared recipients in words.
func (s *Service) Declared(lang string) []Declared {
	all := make([]Declared, 0, len(s.Charter.Recipients))
	for i := range s.Charter.Recipients {
		r := &s.Charter.Recipients[i]
		d := Declared{
			Code: r.Code, Country: r.Country, Name: r.Name, Hint: r.Hint, Basis: r.Basis, BasisText: r.BasisText.In(lang), Transfer: r.Transfer,
			TransferText: r.TransferText.In(lang), Consent: r.Consent, Refusal: r.Refusal, RefusalBasis: r.RefusalBasis,
			RefusalText: r.RefusalText.In(lang), Fields: r.Fields, EveryDays: r.EveryDays,
		}
		all = append(all, d)
	}
	return all
}

// Status is how passing on to every declared recipient stands, for whoever runs it.
func (s *Service) Status(ctx context.Context, by access.Actor) ([]Recipient, error) {
	return s.each(ctx, by, s.status)
}

// Glance is Status without how many each has, which is read from nobody's record.
func (s *Service) Glance(ctx context.Context, by access.Actor) ([]Recipient, error) {
	return s.each(ctx, by, s.glance)
}

func (s *Service) each(ctx context.Context, by access.Actor, of func(context.Context, *charter.Receiver) (Recipient, error)) ([]Recipient, error) {
	var out []Recipient
	for i := range s.Charter.Recipients {
		r := &s.Charter.Recipients[i]
		if _, _, err := s.runner(ctx, by, r); err != nil {
			return nil, err
		}
		c, err := of(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if out == nil {
		return nil, fault.New(fault.NotFound, "passing.error.none")
	}
	return out, nil
}

func (s *Service) glance(ctx context.Context, r *charter.Receiver) (c Recipient, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if c, err = s.course(q, r); err != nil || c.ID == 0 {
			return err
		}
		if c.Unsettled, err = count(q, `SELECT COUNT(*) FROM passing_batch WHERE recipient = $1 AND state IN ($2, $3)`, c.ID, string(Ready), string(Sent)); err != nil {
			return err
		}
		gone, err := count(q, `SELECT COUNT(*) FROM passing_batch WHERE recipient = $1 AND state = $2 AND problem = $3`, c.ID, string(Ready), ProblemGone)
		if err != nil {
			return err
		}
		c.Gone = gone > 0 && c.State == Paused
		c.Waiting, err = count(q, `SELECT COUNT(*) FROM passing_line WHERE recipient = $1 AND batch = 0`, c.ID)
		return err
	})
	if c.State == Running && !c.RanAt.IsZero() {
		c.NextAt = s.Charter.Midnight(due(s.Charter.Today(c.RanAt), r.EveryDays))
	}
	return c, err
}

func (s *Service) status(ctx context.Context, r *charter.Receiver) (Recipient, error) {
	c, err := s.glance(ctx, r)
	if err != nil || c.ID == 0 {
		return c, err
	}
	err = record.Scan(s.Records, ctx, Passes, func(_ vault.PersonID, id uint64, p *Passed) error {
		if id == uint64(c.ID) && (p.State == Standing || p.State == Restricted) {
			c.Standing++
		}
		return nil
	})
	return c, err
}

// Shown is one recipient with its runs, batches and what it was told to delete.
type Shown struct {
	Recipient Recipient
	Runs      []Run
	Braked    *Run // waits for a second person
	Batches   []Batch
	More      bool // there are older ones
	Lines     []Line
	Open      int // references it has not confirmed
}

// newest is how many batches and lines a page shows.
const newest = 30

// Show gives one recipient to whoever runs the passing on to it. No person is named.
func (s *Service) Show(ctx context.Context, by access.Actor, code string, page int) (v Shown, err error) {
	r, err := s.receiver(code)
	if err != nil {
		return v, err
	}
	if _, _, err = s.runner(ctx, by, r); err != nil {
		return v, err
	}
	if v.Recipient, err = s.status(ctx, r); err != nil || v.Recipient.ID == 0 {
		return v, err
	}
	id, skip := v.Recipient.ID, int64(max(page-1, 0)*newest)
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if v.Runs, err = runs(q, `WHERE recipient = $1 ORDER BY id DESC LIMIT 10`, id); err != nil {
			return err
		}
		waiting, err := runs(q, `WHERE recipient = $1 AND state = $2 ORDER BY id`, id, string(Braked))
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			v.Braked = &waiting[0]
		}
		if v.Batches, err = batches(q, `WHERE recipient = $1 ORDER BY CASE WHEN state IN ('ready', 'sent') THEN 0 ELSE 1 END, id DESC LIMIT $2 OFFSET $3`, id, int64(newest+1), skip); err != nil {
			return err
		}
		if v.Lines, err = lines(q, `WHERE recipient = $1 AND done_at IS NULL ORDER BY id DESC LIMIT $2`, id, int64(newest)); err != nil {
			return err
		}
		v.Open, err = count(q, `SELECT COUNT(*) FROM passing_line WHERE recipient = $1 AND done_at IS NULL`, id)
		return err
	})
	if len(v.Batches) > newest {
		v.Batches, v.More = v.Batches[:newest], true
	}
	return v, err
}

// Groups are those a run leaves out, whose names whoever runs it can look at.
var Groups = []Why{NoConsent, Objects, IsStopped, LeftOut}

// Named is one of them.
type Named struct {
	Person vault.PersonID
	Name   string
}

// Who names those a run leaves out for a reason, page by page; the showing is
// journaled before it is answered. It gives how many there are.
func (s *Service) Who(ctx context.Context, by access.Actor, code string, why Why, page, size int) (total int, named []Named, err error) {
	r, err := s.receiver(code)
	if err != nil {
		return 0, nil, err
	}
	_, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return 0, nil, err
	}
	st, err := s.standings(ctx, scope, r)
	if err != nil {
		return 0, nil, err
	}
	of := map[Why]*roaring.Bitmap{NoConsent: st.refused, Objects: st.Objecting, IsStopped: st.Restricted, LeftOut: st.Sorted.LeftOut}[why]
	if of == nil {
		return 0, nil, fault.New(fault.NotFound, "passing.error.group")
	}
	total = int(of.GetCardinality())
	var persons []vault.PersonID
	for rank := max(page-1, 0) * size; rank < min(total, max(page, 1)*size); rank++ {
		id, err := of.Select(uint32(rank))
		if err != nil {
			return 0, nil, err
		}
		persons = append(persons, vault.PersonID(id))
	}
	names, err := s.Members.Names(ctx, scope, persons)
	if err != nil {
		return 0, nil, err
	}
	for _, person := range persons {
		named = append(named, Named{person, names[person]})
	}
	return total, named, nil
}

// Own is what one recipient has of whoever asks, and what it may have.
type Own struct {
	Declared
	State    State // "" where nothing was ever passed on
	Numbers  bool
	Since    time.Time
	Last     time.Time
	Answered time.Time
	Has      []string
	Pending  bool // on its way and not acknowledged
	MayObject, Objecting,
	Consented bool
}

// Mine is what was passed on of oneself, to whom, when, which fields and whether it
// stands (L2, N12, Art. 15(1)(c)).
func (s *Service) Mine(ctx context.Context, scope access.Scope, lang string) ([]Own, error) {
	person, self := scope.Self()
	if !self {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	var out []Own
	err := s.DB.Read(ctx, func(q database.Querier) error {
		out = nil
		kept, err := record.All(s.Records, q, Passes, person)
		if err != nil && !errors.Is(err, vault.ErrErased) {
			return err
		}
		ids, err := recipients(q, `ORDER BY id`)
		if err != nil {
			return err
		}
		for _, d := range s.Declared(lang) {
			o := Own{Declared: d}
			r, _ := s.Charter.Receiver(d.Code)
			if o.MayObject = r.Purpose().Objection; o.MayObject {
				o.Objecting = s.Members.Objects(person, r.Purpose().Code)
			}
			for i := range ids {
				for j := range kept {
					if p := &kept[j].Value; ids[i].Code == d.Code && kept[j].ID == uint64(ids[i].ID) && !p.Since.IsZero() {
						o.State, o.Numbers, o.Since, o.Last, o.Answered, o.Has, o.Pending = p.State, p.Numbers, p.Since, p.Last, p.Answered, p.Fields, p.Batch != 0
					}
				}
			}
			out = append(out, o)
		}
		return nil
	})
	return out, err
}

// Telling is what a recipient was told about somebody who is erased.
type Telling struct {
	Recipient string
	Country   string
	Reference string
	Event     Event
	ToldAt    time.Time // zero while it is in no batch that was sent
	DoneAt    time.Time
}

// Told is what recipients were told to delete of somebody: for the certificate of their
// erasure, which names the recipients and, of the person, nobody (CJEU C-154/21).
func (s *Service) Told(ctx context.Context, person vault.PersonID) ([]Telling, error) {
	var out []Telling
	err := s.DB.Read(ctx, func(q database.Querier) error {
		out = nil
		of, err := lines(q, `WHERE person = $1 AND event = $2 ORDER BY id DESC`, int64(person), string(Leave))
		if err != nil {
			return err
		}
		seen := map[int64]bool{}
		for i := range of {
			l := &of[i]
			if seen[l.Recipient] {
				continue // taken back before, and come again meanwhile
			}
			seen[l.Recipient] = true
			t := Telling{Reference: l.Reference, Event: l.Event, DoneAt: l.DoneAt}
			found, err := recipients(q, `WHERE id = $1`, l.Recipient)
			if err != nil || len(found) == 0 {
				return err
			}
			t.Recipient = found[0].Code
			if r, known := s.Charter.Receiver(found[0].Code); known {
				t.Recipient, t.Country = r.Name.In(s.Charter.Lang()), r.Country
			}
			if l.Batch != 0 {
				b, err := batchOf(q, l.Batch)
				if err != nil && !fault.Is(err, fault.NotFound) {
					return err
				}
				t.ToldAt = b.SentAt
			}
			out = append(out, t)
		}
		return nil
	})
	return out, err
}
