package handout

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Consent is a member's yes to having their data handed to a kind of recipient that
// stands outside the legal body (GDPR Art. 7, Art. 9(2)(d)). Nobody has given one until
// they do; what the charter allows later is not in one that was given before.
type Consent struct {
	ID       uint64
	Kind     string   // the charter's kind of recipient
	Purposes []string // what for, as it was asked
	Asked    string   // the words the person said yes to

	GivenAt time.Time
	GivenBy vault.PersonID // the person, or whoever entered it from paper
	How     string         // page or paper
	Paper   string         // where the signed paper lies

	WithdrawnAt  time.Time
	WithdrawnBy  vault.PersonID
	WithdrawnHow string
}

// How a consent was given or withdrawn.
const (
	OnPage  = "page"
	OnPaper = "paper"
)

// Stands reports whether a consent has not been withdrawn.
func (c *Consent) Stands() bool { return c.WithdrawnAt.IsZero() }

// Kinds are the kinds of recipients a member is asked about: those that can stand
// outside the legal body.
func (s *Service) Kinds() []*charter.Recipient {
	var all []*charter.Recipient
	for i := range s.Charter.Handouts.Recipients {
		if k := &s.Charter.Handouts.Recipients[i]; k.MayBeOutside() {
			all = append(all, k)
		}
	}
	return all
}

// Question is what a member is asked about a kind of recipient, in the words that are
// kept with the answer.
func (s *Service) Question(kind, lang string) string {
	k, known := s.Charter.Handouts.Recipient(kind)
	if !known {
		return ""
	}
	p := s.Charter.Printer(lang)
	names := make([]string, len(k.Purposes))
	for i, code := range k.Purposes {
		if purpose, known := s.Charter.Purpose(code); known {
			names[i] = purpose.Name.In(p.Lang())
		}
	}
	return p.T("handout.consent.asked", "who", k.Name.In(p.Lang()), "purposes", p.List(names))
}

// consenter decides who gives or withdraws somebody's consent: they themselves, or
// whoever may change every card, from paper.
func (s *Service) consenter(ctx context.Context, by access.Actor, person vault.PersonID) (access.Scope, error) {
	if by.Person == person {
		return s.Access.Require(ctx, by, access.Want{Self: true})
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err == nil && !scope.All() {
		err = s.refuse(ctx, scope, "handout.denied.office")
	}
	if err == nil && !s.Members.Within(scope, person) {
		err = fault.New(fault.NotFound, "member.error.not_found")
	}
	return scope, err
}

// ConsentsOf gives a member's consents, withdrawn ones too, the newest first, to
// themselves and to the secretariat.
func (s *Service) ConsentsOf(ctx context.Context, by access.Actor, person vault.PersonID) ([]Consent, access.Scope, error) {
	scope, err := s.consenter(ctx, by, person)
	if err != nil {
		return nil, scope, err
	}
	if by.Person != person {
		e := scope.Entry(journal.Opened, person)
		e.Fields = []string{"consent"}
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return nil, scope, err
		}
	}
	var all []Consent
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = s.consents(q, person)
		return err
	})
	return all, scope, err
}

func (s *Service) consents(q database.Querier, person vault.PersonID) ([]Consent, error) {
	items, err := record.All(s.Records, q, Consents, person)
	all := make([]Consent, len(items))
	for i := range items {
		all[i] = items[i].Value
		all[i].ID = items[i].ID
	}
	slices.Reverse(all)
	return all, err
}

// Consenting says yes for a member: by themselves on their own page, or by the
// secretariat from a signed paper, whose place is written down. asked are the words
// said yes to.
func (s *Service) Consenting(ctx context.Context, by access.Actor, person vault.PersonID, kind, asked, paper string) error {
	scope, err := s.consenter(ctx, by, person)
	if err != nil {
		return err
	}
	k, known := s.Charter.Handouts.Recipient(kind)
	if !known || !k.MayBeOutside() {
		return fault.New(fault.Invalid, "handout.error.consent").With("kind", "handout.error.as")
	}
	if s.Members.Leaving(person) {
		return fault.New(fault.Conflict, "member.error.own_closed")
	}
	c := Consent{Kind: kind, Purposes: k.Purposes, Asked: asked, GivenBy: by.Person, How: OnPage}
	if by.Person != person {
		if c.How, c.Paper = OnPaper, strings.TrimSpace(paper); c.Paper == "" || len(c.Paper) > longestName {
			return fault.New(fault.Invalid, "handout.error.consent").With("paper", "handout.error.paper")
		}
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		all, err := s.consents(tx, person)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(o Consent) bool { return o.Kind == kind && o.Stands() }) {
			return nil // said already
		}
		id, err := tx.Next("disclosure consent")
		if err != nil {
			return err
		}
		c.GivenAt = tx.Now()
		if err := record.Create(s.Records, tx, Consents, person, uint64(id), &c); err != nil {
			return err
		}
		return s.noteConsent(tx, scope, journal.ConsentGive, person, kind)
	})
}

// WithdrawConsent takes a member's yes back, as easily as it was given; from the same
// moment no list holds them that needs it (GDPR Art. 7(3)).
func (s *Service) WithdrawConsent(ctx context.Context, by access.Actor, person vault.PersonID, kind string) error {
	scope, err := s.consenter(ctx, by, person)
	if err != nil {
		return err
	}
	s.consenting.Lock()
	defer s.consenting.Unlock()
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		all, err := s.consents(tx, person)
		if err != nil {
			return err
		}
		for i := range all {
			c := &all[i]
			if c.Kind != kind || !c.Stands() {
				continue
			}
			c.WithdrawnAt, c.WithdrawnBy, c.WithdrawnHow = tx.Now(), by.Person, OnPage
			if by.Person != person {
				c.WithdrawnHow = OnPaper
			}
			if err := record.Put(s.Records, tx, Consents, person, c.ID, c); err != nil {
				return err
			}
			if err := s.noteConsent(tx, scope, journal.ConsentWithdraw, person, kind); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) noteConsent(tx *database.Tx, scope access.Scope, act journal.Act, person vault.PersonID, kind string) error {
	e := scope.Entry(act, person)
	e.Fields = []string{kind}
	_, err := s.Journal.Append(tx, &e)
	return err
}

// only is who may be on the list of a case; nil where no consent is needed.
func (s *Service) only(ctx context.Context, c *Case) (*roaring.Bitmap, error) {
	if !c.Consented() {
		return nil, nil
	}
	agreed := roaring.New()
	err := record.Scan(s.Records, ctx, Consents, func(person vault.PersonID, _ uint64, o *Consent) error {
		if o.Kind == c.Wish.As && o.Stands() && slices.Contains(o.Purposes, c.Wish.Purpose) {
			agreed.Add(uint32(person))
		}
		return nil
	})
	return agreed, err
}
