package declaration

import (
	"context"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Publish makes an approved draft the body's next version. It is written anew from what
// charter and register know at that moment; what keeps a declaration from being true
// keeps it from being published. Members are told of it: that is a duty from now on
// (N16).
func (s *Service) Publish(ctx context.Context, by access.Actor, body unit.ID) (Version, error) {
	scope, at, err := s.editing(ctx, by, body)
	if err != nil {
		return Version{}, err
	}
	k, err := s.knows(ctx, at)
	if err != nil {
		return Version{}, err
	}
	var v Version
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		d, err := draftOf(tx, body)
		if err != nil {
			return err
		}
		if d.State != Approved {
			return fault.New(fault.Conflict, "declaration.error.unreviewed")
		}
		texts := s.written(k, &d.Own)
		if slices.ContainsFunc(lacks(k, &d.Own, texts), func(l Lack) bool { return l.Stops }) {
			return fault.New(fault.Conflict, "declaration.error.lacking")
		}
		facts := k.facts()
		v = Version{
			Unit: body, Number: 1, At: tx.Now(), By: by.Person, Function: scope.Basis().Code, Reviewer: d.Function, Reason: d.Reason,
			Material: d.Material, Hashes: map[string]string{}, Facts: hash(facts), texts: texts, facts: facts,
		}
		last, err := versions(tx, newest, int64(body))
		if err != nil {
			return err
		}
		if len(last) > 0 {
			if v.Number = last[0].Number + 1; equal(last[0].texts, texts) {
				return fault.New(fault.Conflict, "declaration.error.same", "number", last[0].Number)
			}
		}
		for lang, text := range texts {
			if v.Hashes[lang], err = text.sum(); err != nil {
				return err
			}
		}
		if v.ID, err = tx.Next("declaration version"); err != nil {
			return err
		}
		if err := insertVersion(tx, &v); err != nil {
			return err
		}
		d.State, d.Since, d.Reason, d.Material, d.Submitter, d.Reviewer, d.Function = Drafted, tx.Now(), "", false, 0, 0, ""
		if err := putDraft(tx, &d); err != nil {
			return err
		}
		if err := s.note(tx, scope, body, journal.DeclarationPublish, &Edit{Act: "publish", Reason: v.Reason}); err != nil {
			return err
		}
		return s.published(tx, by, at, &v)
	})
	v.Languages = s.Charter.Languages
	return v, err
}

// published ends the duties a version fulfils, opens the one to tell members, and tells
// the rooms that asked.
func (s *Service) published(tx *database.Tx, by access.Actor, at unit.Unit, v *Version) error {
	for _, kind := range []duty.Kind{duty.Declare, duty.DeclarationDrift, duty.LookDeclaration, duty.AnnounceDeclaration} {
		if _, err := s.Duties.Finish(tx, kind, int64(at.ID), by.Person, "done"); err != nil {
			return err
		}
	}
	if err := s.ask(tx, duty.AnnounceDeclaration, at, announceDays); err != nil {
		return err
	}
	for _, f := range s.told {
		if err := f(tx, v.Unit, v.Number, v.Material); err != nil {
			return err
		}
	}
	return nil
}

// announceDays is how soon members are told of a change (N16).
const announceDays = 14

// ask opens a duty about a body's declaration, for its own officers where it has any
// with the right, else for the office.
func (s *Service) ask(tx *database.Tx, kind duty.Kind, at unit.Unit, days int) error {
	d := duty.Duty{Kind: kind, Subject: int64(at.ID), DueOn: s.Charter.Today(tx.Now()).AddDays(days)}
	if act := s.Charter.Declaration.Editor(); s.Access.PostsMay(at.ID, act) {
		d.Unit, d.Act = at.ID, act.String()
	} else {
		d.Act = s.Charter.Declaration.Overseer().String()
	}
	_, err := s.Duties.Add(tx, d)
	return err
}

// Announced notes how members were told of the newest version, and ends the duty (N16).
func (s *Service) Announced(ctx context.Context, by access.Actor, body unit.ID, how string) error {
	scope, _, err := s.editing(ctx, by, body)
	if err != nil {
		return err
	}
	if how = locale.Plain(how); how == "" || len(how) > longestReason {
		return fault.New(fault.Invalid, "declaration.error.change").With("how", "declaration.error.how")
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		ended, err := s.Duties.Finish(tx, duty.AnnounceDeclaration, int64(body), by.Person, "done")
		if err != nil {
			return err
		}
		if ended == 0 {
			return fault.New(fault.Conflict, "declaration.error.announced")
		}
		return s.note(tx, scope, body, journal.DeclarationAnnounce, &Edit{Act: "announce", Reason: how})
	})
}

// Announcing reports whether members are still to be told of the newest version.
func (s *Service) Announcing(ctx context.Context, body unit.ID) (open bool, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		_, open, err = s.Duties.OpenAbout(q, duty.AnnounceDeclaration, int64(body))
		return err
	})
	return open, err
}

// Looked notes that a declaration was looked through and still holds, and ends the
// yearly duty (N16).
func (s *Service) Looked(ctx context.Context, by access.Actor, body unit.ID) error {
	scope, at, err := s.editing(ctx, by, body)
	if err != nil {
		return err
	}
	d, err := s.desk(ctx, at)
	if err != nil {
		return err
	}
	if d.Newest == nil || len(d.Drifts) > 0 {
		return fault.New(fault.Conflict, "declaration.error.untrue")
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := s.Duties.Finish(tx, duty.LookDeclaration, int64(body), by.Person, "done"); err != nil {
			return err
		}
		return s.note(tx, scope, body, journal.DeclarationReview, &Edit{Act: "look"})
	})
}
