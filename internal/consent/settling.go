package consent

import (
	"context"
	"slices"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Said is what somebody reads on a paper and enters.
type Said struct {
	Signed bool
	Gave   []string
	Back   []string
	Wishes []string
}

// Settle enters what a paper says, as a person has read it off: who signed was told of
// the declaration; each box that was ticked is a consent of its own; a paper without a
// signature says nothing, and its picture goes at once.
func (s *Service) Settle(ctx context.Context, by access.Actor, person vault.PersonID, id uint64, said Said) error {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	if s.Members.Leaving(person) || !s.Members.Within(scope, person) {
		return fault.New(fault.NotFound, "consent.error.no_paper")
	}
	for _, code := range slices.Concat(said.Gave, said.Back) {
		if k, known := s.Charter.Consent(code); known && k.Recipient != nil && !scope.All() {
			return s.refuse(ctx, scope, "consent.denied.office")
		}
	}
	if !said.Signed && len(said.Gave)+len(said.Back)+len(said.Wishes) > 0 {
		return fault.New(fault.Invalid, "consent.error.settle").With("signed", "consent.error.unsigned")
	}
	err = s.withdrawing(func() error {
		return s.DB.Write(ctx, func(tx *database.Tx) error { return s.enter(tx, scope, person, id, &said) })
	})
	if err != nil {
		return err
	}
	return s.settlePapers(ctx, by.Person)
}

func (s *Service) enter(tx *database.Tx, scope access.Scope, person vault.PersonID, id uint64, said *Said) error {
	var p Paper
	if err := record.Get(s.Records, tx, Papers, person, id, &p); err != nil {
		return fault.New(fault.NotFound, "consent.error.no_paper").Because(err)
	}
	if !p.SettledAt.IsZero() {
		return fault.New(fault.Conflict, "consent.error.settled")
	}
	if !p.Waits() {
		return fault.New(fault.Conflict, "consent.error.not_back")
	}
	for _, code := range said.Gave {
		at := slices.IndexFunc(p.Asked, func(a Asked) bool { return a.Code == code })
		if at < 0 || slices.Contains(said.Back, code) {
			return fault.New(fault.Invalid, "consent.error.settle").With("gave", "consent.error.code")
		}
		a := &p.Asked[at]
		c := Consent{
			Code: code, Purposes: a.Purposes, Asked: a.Text, Hash: a.Hash, Lang: p.Lang, Version: p.Version,
			GivenBy: scope.Actor().Person, How: p.how(), Known: "signature", Line: id, AgainAt: p.AgainAt,
		}
		if err := s.give(tx, scope, person, &c); err != nil {
			return err
		}
	}
	for _, code := range said.Back {
		if err := s.withdraw(tx, scope, person, code, p.how()); err != nil {
			return err
		}
	}
	if said.Signed && p.Version.Number > 0 {
		if err := s.informed(tx, person, Informed{Version: p.Version, Lang: p.Lang, How: p.how(), By: scope.Actor().Person, Line: id}); err != nil {
			return err
		}
	}
	if !said.Signed && p.Pictured {
		if err := record.Remove(tx, Pictures, person, id); err != nil {
			return err
		}
		p.Pictured = false
	}
	p.SettledAt, p.SettledBy, p.Signed, p.Gave, p.Back, p.Wishes = tx.Now(), scope.Actor().Person, said.Signed, said.Gave, said.Back, said.Wishes
	if err := record.Put(s.Records, tx, Papers, person, id, &p); err != nil {
		return err
	}
	e := scope.Entry(journal.ConsentSettle, person)
	e.Fields = slices.Concat(said.Gave, said.Wishes)
	_, err := s.Journal.Append(tx, &e)
	return err
}

// Line is a paper with whom it is of, as it is shown to whoever enters it.
type Line struct {
	Person vault.PersonID
	Name   string
	Paper  Paper
}

// Printed is a sheet in numbers.
type Printed struct {
	Number  uint64    `json:"number"`
	Body    unit.ID   `json:"-"`
	At      time.Time `json:"printed"`
	Version int64     `json:"version"`
	Out     int       `json:"out"`
	Waiting int       `json:"waiting"`
	Settled int       `json:"settled"`
}

// Paperwork is what lies about on paper in a body.
type Paperwork struct {
	Sheets  []Printed // the newest first
	Slips   Printed   // those of letters
	Waiting []Line    // to be entered, the oldest first; at most linesShown of them
	More    int
	Scope   access.Scope
}

// linesShown is how many lines are entered on a page.
const linesShown = 20

// Paperwork shows what is printed and what waits to be entered. Names are journaled.
func (s *Service) Paperwork(ctx context.Context, by access.Actor, body unit.ID) (w Paperwork, err error) {
	if w.Scope, err = s.enters(ctx, by, body); err != nil {
		return w, err
	}
	all, err := s.papers(ctx, func(p *Paper) bool { return p.Body == body })
	if err != nil {
		return w, err
	}
	sheets := map[uint64]*Printed{}
	var waiting []owned
	for _, o := range all {
		p := &o.paper
		if s.Members.Leaving(o.person) || !s.Members.Within(w.Scope, o.person) {
			continue
		}
		x := &w.Slips
		if !p.Slip() {
			if sheets[p.Sheet] == nil {
				sheets[p.Sheet] = &Printed{Number: p.Sheet, Body: body, At: p.PrintedAt, Version: p.Version.Number}
			}
			x = sheets[p.Sheet]
		}
		switch {
		case p.Waits():
			x.Waiting++
			waiting = append(waiting, o)
		case p.Out():
			x.Out++
		default:
			x.Settled++
		}
	}
	for _, x := range sheets {
		w.Sheets = append(w.Sheets, *x)
	}
	slices.SortFunc(w.Sheets, func(a, b Printed) int { return int(b.Number) - int(a.Number) })
	slices.SortFunc(waiting, func(a, b owned) int { return int(a.paper.ID) - int(b.paper.ID) })
	w.More = max(0, len(waiting)-linesShown)
	w.Waiting, err = s.lines(ctx, w.Scope, waiting[:min(linesShown, len(waiting))])
	return w, err
}

// Paper shows one paper to whoever enters it.
func (s *Service) Paper(ctx context.Context, by access.Actor, person vault.PersonID, id uint64) (Line, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil {
		return Line{}, err
	}
	var p Paper
	err = s.DB.Read(ctx, func(q database.Querier) error { return record.Get(s.Records, q, Papers, person, id, &p) })
	if err != nil || s.Members.Leaving(person) || !s.Members.Within(scope, person) {
		return Line{}, fault.New(fault.NotFound, "consent.error.no_paper").Because(err)
	}
	p.ID = id
	lines, err := s.lines(ctx, scope, []owned{{person, p}})
	if err != nil {
		return Line{}, err
	}
	return lines[0], nil
}

func (s *Service) lines(ctx context.Context, scope access.Scope, some []owned) ([]Line, error) {
	if len(some) == 0 {
		return nil, nil
	}
	persons := make([]vault.PersonID, len(some))
	for i := range some {
		persons[i] = some[i].person
	}
	e := scope.Entry(journal.Shown, persons...)
	e.Fields = []string{"given", "family", "consent"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	names, err := s.Members.Names(ctx, scope, persons)
	lines := make([]Line, len(some))
	for i := range some {
		lines[i] = Line{Person: some[i].person, Name: strings.TrimSpace(names[some[i].person]), Paper: some[i].paper}
	}
	return lines, err
}

// EndSheet ends what is still out of a sheet: those lines were not signed, and their
// codes are good for nothing more. It says how many.
func (s *Service) EndSheet(ctx context.Context, by access.Actor, body unit.ID, sheet uint64) (ended int, err error) {
	scope, err := s.enters(ctx, by, body)
	if err != nil {
		return 0, err
	}
	all, err := s.papers(ctx, func(p *Paper) bool { return p.Body == body && p.Sheet == sheet && sheet != 0 && p.Out() })
	if err != nil {
		return 0, err
	}
	var persons []vault.PersonID
	all = slices.DeleteFunc(all, func(o owned) bool { return !s.Members.Within(scope, o.person) })
	if len(all) == 0 {
		return 0, fault.New(fault.NotFound, "consent.error.no_sheet")
	}
	return len(all), s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, o := range all {
			if err := record.Remove(tx, Papers, o.person, o.paper.ID); err != nil {
				return err
			}
			persons = append(persons, o.person)
		}
		e := scope.Entry(journal.ConsentSheetEnd, persons...)
		e.Number, e.Target = int64(sheet), uint32(body)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// settlePapers brings every body's duty to what waits: somebody who signed, or took
// something back, waits for it to count.
func (s *Service) settlePapers(ctx context.Context, by vault.PersonID) error {
	first := map[unit.ID]time.Time{}
	waiting, err := s.papers(ctx, (*Paper).Waits)
	if err != nil {
		return err
	}
	for _, o := range waiting {
		if s.Members.Leaving(o.person) {
			continue
		}
		if at, there := first[o.paper.Body]; !there || o.paper.ScannedAt.Before(at) {
			first[o.paper.Body] = o.paper.ScannedAt
		}
	}
	open, err := s.Duties.OpenOf(ctx, duty.SettlePapers)
	if err != nil {
		return err
	}
	for i := range open {
		d := &open[i]
		due := s.Charter.Today(first[d.Unit]).AddDays(s.Charter.Parameters.PaperDays.Value)
		if at, there := first[d.Unit]; there && !at.IsZero() && d.DueOn == due {
			delete(first, d.Unit)
			continue
		}
		err := s.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := s.Duties.Finish(tx, duty.SettlePapers, d.Subject, by, "done")
			return err
		})
		if err != nil {
			return err
		}
	}
	for body, at := range first {
		err := s.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := s.Duties.Add(tx, duty.Duty{
				Kind: duty.SettlePapers, Subject: int64(body), Unit: body, Act: charter.Edit.String(),
				DueOn: s.Charter.Today(at).AddDays(s.Charter.Parameters.PaperDays.Value),
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
