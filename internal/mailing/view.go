package mailing

import (
	"context"
	"slices"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/mail"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Bodies are those for which somebody may write: of their posts, and of a position
// the association itself, since there are too many others to list; each of those it
// may write for can be named. Empty for somebody who writes for nobody.
func (s *Service) Bodies(by access.Actor) (all []Body) {
	tree := s.Units.Tree()
	add := func(id unit.ID) {
		if slices.ContainsFunc(all, func(b Body) bool { return b.Unit == id }) {
			return
		}
		if w, ok := s.writes(by, id, ""); ok {
			u, _ := tree.ByID(id)
			all = append(all, Body{Unit: id, Level: u.Level, Alone: w.alone})
		}
	}
	for _, h := range s.Access.Held(by.Person) {
		if h.Basis.Unit != 0 {
			add(h.Basis.Unit)
		} else if root, ok := tree.Root(); ok {
			add(root.ID)
		}
	}
	return all
}

// Sendable are the purposes for which somebody may write to a body's members.
func (s *Service) Sendable(by access.Actor, body unit.ID) (all []*charter.Purpose) {
	for _, code := range s.Charter.Mailings.Purposes {
		if p, known := s.Charter.Purpose(code); known {
			if _, ok := s.writes(by, body, code); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// Offered reports whether somebody could have a message sent to the members of a body
// for a purpose, so that it is offered before a list is.
func (s *Service) Offered(by access.Actor, body unit.ID, purpose string) bool {
	if !s.Charter.Mailings.MayMail(purpose) {
		return false
	}
	if body == 0 {
		all := s.Bodies(by)
		if len(all) == 0 {
			return false
		}
		body = all[0].Unit
	}
	_, ok := s.writes(by, body, purpose)
	return ok
}

// look says what somebody may do with a mailing; false where they may not see it.
func (s *Service) look(by access.Actor, m Mailing) (Sight, bool) {
	_, writes := s.writes(by, m.Unit, m.Purpose)
	_, approves := s.approves(by, m.Unit)
	sight := Sight{Mailing: m, May: m.may(by.Person, writes, approves)}
	if _, err := s.Access.Decide(by, access.Want{Act: charter.Pull, Unit: m.Unit, Purpose: m.Purpose}); err != nil {
		sight.Least = s.Charter.Parameters.ReportMinimum.Value // D13: numbers, and never who
	}
	if approves && m.State == Drafted && !sight.May.Own {
		return sight, false // not handed in yet
	}
	return sight, writes || approves
}

func (s *Service) sight(ctx context.Context, by access.Actor, id int64) (Sight, error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return Sight{}, err
	}
	sight, seen := s.look(by, m)
	if !seen {
		if err := s.deny(ctx, by, m.Unit, m.Purpose, "mailing.denied.see"); !fault.Is(err, fault.Denied) {
			return Sight{}, err
		}
		return Sight{}, fault.New(fault.NotFound, "mailing.error.none")
	}
	return sight, nil
}

// State gives one mailing and how far it is, to whoever writes or approves for its
// body. Nobody's data are in it but what its author wrote.
func (s *Service) State(ctx context.Context, by access.Actor, id int64) (Sight, error) {
	return s.sight(ctx, by, id)
}

// Progress tells how far a mailing is to the room that had it written, whoever asks.
func (s *Service) Progress(ctx context.Context, id int64) (Mailing, error) {
	m, err := s.find(ctx, id)
	m.Text, m.Grounds = "", ""
	return m, err
}

// List gives the mailings somebody may see, the newest first, and how many there are.
func (s *Service) List(ctx context.Context, by access.Actor, page, size int) (some []Sight, total int, err error) {
	var all []Mailing
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `ORDER BY id DESC`)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	from := max(page-1, 0) * size
	for i := range all {
		sight, seen := s.look(by, all[i])
		if !seen {
			continue
		}
		if total++; total <= from || total > from+size {
			continue
		}
		if err := s.open(&sight.Mailing); err != nil {
			return nil, 0, err
		}
		some = append(some, sight)
	}
	return some, total, nil
}

// Waiting counts the mailings that somebody is to approve.
func (s *Service) Waiting(ctx context.Context, by access.Actor) (n int, err error) {
	var all []Mailing
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `WHERE state = $1`, string(Submitted))
		return err
	})
	for i := range all {
		if sight, _ := s.look(by, all[i]); sight.May.Approve {
			n++
		}
	}
	return n, err
}

// Slip counts how members would be reached, before anything is sent. It reads for
// numbers only, so nothing is journaled.
func (s *Service) Slip(ctx context.Context, by access.Actor, d Draft) (Slip, error) {
	if _, ok := s.writes(by, d.Unit, d.Purpose); !ok {
		if _, ok := s.approves(by, d.Unit); !ok {
			return Slip{}, s.deny(ctx, by, d.Unit, d.Purpose, "mailing.denied.write")
		}
	}
	scope, err := s.Access.Numbers(by, d.Unit, d.Purpose)
	if err != nil {
		return Slip{}, err
	}
	return s.Directory.CountPost(ctx, scope, d.manner())
}

// Preview is a message as a member gets it by mail, and as a letter.
func (s *Service) Preview(d Draft) (byMail, byLetter string) {
	return s.text(&d, s.Link("…"), true), s.text(&d, "", false)
}

// Test sends a message to whoever writes it, as a member would get it.
func (s *Service) Test(ctx context.Context, by access.Actor, id int64) error {
	m, err := s.sight(ctx, by, id)
	if err != nil {
		return err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	own, err := s.Directory.Own(ctx, scope)
	if err != nil {
		return err
	}
	if own.Email == "" {
		return fault.New(fault.Conflict, "mailing.error.no_email")
	}
	words := s.Charter.Printer(m.Lang)
	prepared, err := s.Mail.Prepare(ctx, mail.Message{
		Person: by.Person, To: own.Email, Subject: m.Subject, ReplyTo: m.ReplyTo, Kind: "mailing.test", Ends: s.Now().Add(24 * time.Hour),
		Body: words.T("mailing.footer.test") + "\n\n" + s.text(&m.Draft, s.Link("…"), true),
	})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, prepared.Enqueue)
}

// Got lists what a member was sent, the newest first, to themselves.
func (s *Service) Got(ctx context.Context, scope access.Scope) (all []Got, err error) {
	person, self := scope.Self()
	if !self {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		items, err := record.All(s.Records, q, Receipts, person)
		for i := range items {
			all = append(all, Got{ID: int64(items[i].ID), Received: items[i].Value})
		}
		return err
	})
	slices.SortFunc(all, func(a, b Got) int { return b.At.Compare(a.At) })
	return all, err
}

// Author is who wrote a mailing and who approved it, for their names to be asked for.
func (m *Mailing) Author() []vault.PersonID {
	if m.ApprovedBy == 0 || m.ApprovedBy == m.WrittenBy {
		return []vault.PersonID{m.WrittenBy}
	}
	return []vault.PersonID{m.WrittenBy, m.ApprovedBy}
}
