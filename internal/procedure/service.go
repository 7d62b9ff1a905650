package procedure

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Directory is what the room must know of persons.
type Directory interface {
	Leaving(vault.PersonID) bool
	OwnName(context.Context, access.Scope) (string, error)
}

// Parts are what a Service is put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Records *record.Store
	Journal *journal.Journal
	Units   *unit.Service
	Access  *access.Register
	Duties  *duty.Engine
	Members Directory
	Rules   Rules
	Paper   Sources // of the year paper
	Now     func() time.Time
}

// Service writes, publishes and compares.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// Editor is the act whose holders, for the whole register, publish.
const Editor = charter.Journal

// kinds are the duties to publish a document anew.
var kinds = map[Code]duty.Kind{Procedure: duty.PublishProcedure, Guideline: duty.PublishGuideline}

// editing requires the right to publish: that to read the journal of all of it.
func (s *Service) editing(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: Editor})
	if err == nil && !s.whole(scope) {
		e := scope.Entry(journal.Denied)
		e.Reason = "procedure.denied.editor"
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return access.Scope{}, err
		}
		return access.Scope{}, fault.New(fault.Denied, "procedure.denied.editor")
	}
	return scope, err
}

// whole reports whether a Scope reaches every body: a position does, and a post in the
// top one.
func (s *Service) whole(scope access.Scope) bool {
	root, there := s.Units.Tree().Root()
	return scope.All() || there && scope.Covers(root.ID)
}

// MayPublish reports whether the actor can publish, to decide what is offered.
func (s *Service) MayPublish(by access.Actor) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: Editor})
	return err == nil && s.whole(scope)
}

// name is what the association is called.
func (s *Service) name(lang string) string {
	if root, ok := s.Units.Tree().Root(); ok {
		return root.Name
	}
	return s.Charter.Name.In(lang)
}

// Draft is a document as the charter and the program say it today, with the
// association's own words, in every language of the charter (D15).
func (s *Service) Draft(ctx context.Context, code Code) (Texts, error) {
	var own []Note
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		own, err = notes(q, code)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.written(code, own), nil
}

func (s *Service) written(code Code, own []Note) Texts {
	texts := Texts{}
	for _, lang := range s.Charter.Languages {
		p := s.Charter.Printer(lang)
		text := compose(code, s.Charter, p, s.name(lang), s.Rules(p))
		put(&text, lang, own)
		texts[lang] = text
	}
	return texts
}

// Notes are the association's own words in a document. They are public as soon as a
// version has them.
func (s *Service) Notes(ctx context.Context, code Code) (own []Note, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		own, err = notes(q, code)
		return err
	})
	return own, err
}

// SetNotes writes the association's own words into a document: plain text, an
// introduction and a note a section, and nothing else. An empty text takes one out. They
// are in the next version, not in those that are out (D15).
func (s *Service) SetNotes(ctx context.Context, by access.Actor, code Code, own []Note) error {
	scope, err := s.editing(ctx, by)
	if err != nil {
		return err
	}
	text := s.written(code, nil)
	for i := range own {
		n := &own[i]
		n.Text = locale.Plain(n.Text)
		in, there := text[n.Language]
		switch {
		case !there:
			return fault.New(fault.Invalid, "procedure.error.language", "known", s.Charter.Languages)
		case n.Section != "" && !slices.Contains(codes(&in), n.Section):
			return fault.New(fault.Invalid, "procedure.error.section")
		case utf8.RuneCountInString(n.Text) > longestNote:
			return fault.New(fault.Invalid, "procedure.error.notes").With(field(n), "procedure.error.long", "limit", longestNote)
		}
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, n := range own {
			if err := putNote(tx, code, n); err != nil {
				return err
			}
		}
		e := scope.Entry(journal.ProcedureNote)
		e.Reason = string(code)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// field is a note's name in a form.
func field(n *Note) string { return n.Section + "_" + n.Language }

// Publish makes the text of today a version, with who edited it, when and what
// changed, and ends the duty to do so (D15). A text that says what the published one
// says is not published again.
func (s *Service) Publish(ctx context.Context, by access.Actor, w Wish) (Version, error) {
	scope, err := s.editing(ctx, by)
	if err != nil {
		return Version{}, err
	}
	if _, known := Known(string(w.Document)); !known {
		return Version{}, fault.New(fault.NotFound, "procedure.error.document")
	}
	self, err := s.Access.Decide(by, access.Want{Self: true})
	if err != nil {
		return Version{}, err
	}
	own, err := s.Members.OwnName(ctx, self)
	if err != nil {
		return Version{}, err
	}
	if err := w.check(own); err != nil {
		return Version{}, err
	}
	texts, err := s.Draft(ctx, w.Document)
	if err != nil {
		return Version{}, err
	}
	v := Version{Document: w.Document, By: by.Person, Function: w.Function, Reason: w.Reason, Texts: texts}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		last, err := versions(tx, true, newest, string(w.Document))
		if err != nil {
			return err
		}
		v.Number = 1
		if len(last) > 0 {
			if v.Number = last[0].Number + 1; equal(last[0].Texts, texts) {
				return fault.New(fault.Conflict, "procedure.error.same", "number", last[0].Number)
			}
		}
		if v.ID, err = tx.Next("procedure version"); err != nil {
			return err
		}
		v.At = tx.Now()
		if err := insert(tx, &v); err != nil {
			return err
		}
		if w.Named {
			v.Name = own
			if err := record.Create(s.Records, tx, editors, by.Person, uint64(v.ID), &editor{own, v.Document, v.Number}); err != nil {
				return err
			}
		}
		e := scope.Entry(journal.ProcedurePublish)
		e.Number, e.Reason = int64(v.Number), string(v.Document)
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		_, err = s.Duties.Finish(tx, kinds[v.Document], subject, by.Person, "done")
		return err
	})
	return v, err
}

// newest selects the newest version of a document.
const newest = `document = $1 AND number = (SELECT MAX(number) FROM procedure_version WHERE document = $1)`

// subject is what a duty to publish is about: there is one text of each kind.
const subject = 1

// Versions lists the versions of a document, the newest first, without their texts.
// They are public, the editor's function and name too.
func (s *Service) Versions(ctx context.Context, code Code) (all []Version, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if all, err = versions(q, false, `document = $1`, string(code)); err != nil {
			return err
		}
		return s.named(q, all)
	})
	return all, err
}

// Version is one version, whole: the newest with number 0. Nothing published yet, or no
// such version, is fault.NotFound.
func (s *Service) Version(ctx context.Context, code Code, number int) (v Version, err error) {
	where, args := newest, []any{string(code)}
	if number != 0 {
		where, args = `document = $1 AND number = $2`, append(args, int64(number))
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := versions(q, true, where, args...)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "procedure.error.none")
		}
		if err := s.named(q, all); err != nil {
			return err
		}
		v = all[0]
		return nil
	})
	return v, err
}

// Agrees reports whether a version still says what the charter and the program say
// today.
func (s *Service) Agrees(ctx context.Context, v *Version) (bool, error) {
	draft, err := s.Draft(ctx, v.Document)
	return err == nil && equal(v.Texts, draft), err
}

// Daily looks whether what is published still holds. Where it does not, publishing
// anew is a duty of the secretariat; where it does again, the duty is gone (D15).
func (s *Service) Daily(ctx context.Context) error {
	for _, code := range Codes() {
		v, err := s.Version(ctx, code, 0)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		agrees := false
		if err == nil {
			if agrees, err = s.Agrees(ctx, &v); err != nil {
				return err
			}
		}
		if err := s.remember(ctx, code, agrees); err != nil {
			return err
		}
	}
	return nil
}

// remember opens or ends the duty to publish a document anew.
func (s *Service) remember(ctx context.Context, code Code, agrees bool) error {
	kind, open := kinds[code], false
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		_, open, err = s.Duties.OpenAbout(q, kind, subject)
		return err
	})
	if err != nil || open != agrees {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if agrees {
			_, err := s.Duties.Finish(tx, kind, subject, 0, "withdrawn")
			return err
		}
		due := s.Charter.Today(tx.Now()).AddDays(s.Charter.Parameters.PublishDays.Value)
		_, err := s.Duties.Add(tx, duty.Duty{Kind: kind, Subject: subject, Act: Editor.String(), DueOn: due})
		return err
	})
}
