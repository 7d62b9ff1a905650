package agreement

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Status tells how all bodies stand, to those who follow the round. It names nobody.
func (s *Service) Status(ctx context.Context, by access.Actor, filter State, text string) (st Status, err error) {
	all := bound(s.Charter, s.Units.Tree())
	st.Counts = map[State]int{}
	if len(all) == 0 {
		return st, nil
	}
	if _, _, err := s.require(ctx, by, &all[0], receives, countersigns); err != nil {
		return st, err
	}
	var rows []Agreement
	err = s.DB.Read(ctx, func(q database.Querier) error {
		rows, err = agreements(q, `state <> 'replaced'`)
		return err
	})
	newest := map[unit.ID]Agreement{}
	for _, a := range rows {
		if _, there := newest[a.Unit]; !there {
			newest[a.Unit] = a
		}
	}
	today := s.Access.Today()
	for i := range all {
		a := newest[all[i].Unit.ID]
		late := a.Number != 0 && a.State != Concluded && a.DueOn.Before(today)
		st.Counts[a.State]++
		if late {
			st.Late++
		}
		fits := filter == "" || filter == a.State || filter == "none" && a.Number == 0 || filter == "late" && late
		if fits && (text == "" || strings.Contains(locale.Fold(all[i].Unit.Name+" "+all[i].Unit.Code), locale.Fold(text))) {
			st.Lines = append(st.Lines, Line{Unit: all[i].Unit.ID, Name: all[i].Unit.Name, Kind: all[i].Kind, Agreement: a, Late: late})
		}
	}
	st.Total = len(st.Lines)
	return st, err
}

// History lists what a body has signed, the newest first: the round that is open too.
// It names nobody.
func (s *Service) History(ctx context.Context, body unit.ID) (all []Agreement, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = agreements(q, `unit = $1 AND (state <> 'replaced' OR concluded_at IS NOT NULL)`, int64(body))
		return err
	})
	return all, err
}

// Reading is the text as it would be signed now, in the agreement's language, and the
// hash by which Sign knows that it is the one that was read.
func (s *Service) Reading(ctx context.Context, body unit.ID) (d Document, lang, mark string, err error) {
	b, err := s.bodyOf(body)
	if err != nil {
		return d, "", "", err
	}
	lang = s.Charter.Languages[0]
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if now, err := find(q, body); err != nil {
			return err
		} else if now.Number != 0 && now.State != Concluded {
			lang = now.Lang
		}
		d, err = s.compose(q, &b, lang)
		return err
	})
	if err != nil {
		return d, lang, "", err
	}
	content, err := json.Marshal(d)
	return d, lang, hex.EncodeToString(hash(content)), err
}

// Standing is how a body's agreement and its processors stand, in numbers (N13): what an
// audit asks for. It names nobody.
type Standing struct {
	Bound      bool  // whether it must agree on anything
	Number     int64 // of the agreement in force; 0 for none
	Since      time.Time
	Stale      string // why the one in force is to be signed anew, see the reasons of a round; "" where it holds
	Round      State  // of the round under way; "" for none
	Late       bool   // the round is past its day
	Processors int    // in the whole chain
	Abroad     int    // of them outside the EEA
	Unproved   int    // of them without an agreement to show
	Objections int    // that nobody has answered
}

// State tells how a body stands.
func (s *Service) State(ctx context.Context, body unit.ID) (st Standing, err error) {
	b, bound := s.Bound(body)
	now, force, err := s.Current(ctx, body)
	if err != nil {
		return st, err
	}
	if st.Bound = bound; bound && force.Number != 0 {
		st.Number, st.Since = force.Number, force.ConcludedAt
		err = s.DB.Read(ctx, func(q database.Querier) error {
			st.Stale, err = s.stale(q, &b, &force)
			return err
		})
		if err != nil {
			return st, err
		}
	}
	if now.Number != 0 && now.State != Concluded {
		st.Round, st.Late = now.State, now.DueOn.Before(s.Access.Today())
	}
	all, err := s.Processors(ctx, body)
	for i := range all {
		st.Processors++
		st.Objections += all[i].Objections
		if !InEEA(all[i].Country) {
			st.Abroad++
		}
		if !all[i].HasFile {
			st.Unproved++
		}
	}
	return st, err
}

// Remind tells those who are waited for again (N2): in one body, or with body 0 in all
// that have not signed. Nobody is told twice in a day. It says how many bodies it was.
func (s *Service) Remind(ctx context.Context, by access.Actor, body unit.ID) (reminded int, err error) {
	all := bound(s.Charter, s.Units.Tree())
	if body != 0 {
		all = slices.DeleteFunc(all, func(b Bound) bool { return b.Unit.ID != body })
	}
	if len(all) == 0 {
		return 0, fault.New(fault.NotFound, "agreement.error.unbound")
	}
	scope, _, err := s.require(ctx, by, &all[0], receives, countersigns)
	if err != nil {
		return 0, err
	}
	today := s.Access.Today()
	var tell []duty.Duty
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		tell, reminded = nil, 0 // the act may be tried again
		for i := range all {
			a, err := find(tx, all[i].Unit.ID)
			if err != nil {
				return err
			}
			wanted, waits := dutyOf[a.State]
			if a.Number == 0 || !waits || body == 0 && !a.State.Waits() || !a.RemindedAt.IsZero() && s.Charter.Today(a.RemindedAt) == today {
				continue
			}
			open, err := s.Duties.OpenIn(tx, wanted.kind, a.Number)
			if err != nil {
				return err
			}
			if len(open) == 0 {
				continue
			}
			tell = append(tell, open...)
			a.Reminders, a.RemindedAt = a.Reminders+1, tx.Now()
			if err := update(tx, &a); err != nil {
				return err
			}
			told := roaring.New()
			for _, d := range open {
				told.Add(uint32(d.Person))
			}
			e := scope.Entry(journal.AgreementRemind)
			e.Persons, e.Target, e.Number = told, uint32(a.Unit), a.Number
			if _, err := s.Journal.Append(tx, &e); err != nil {
				return err
			}
			reminded++
		}
		if reminded == 0 {
			return fault.New(fault.Conflict, "agreement.error.reminded")
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i := range tell {
		if err := s.Tell(ctx, tell[i]); err != nil {
			return reminded, err
		}
	}
	return reminded, nil
}

// Reminded counts a reminder that the plan sent by itself.
func (s *Service) Reminded(ctx context.Context, number int64) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE agreement SET reminders = reminders + 1, reminded_at = $2 WHERE number = $1`, number, tx.Now().UnixMicro())
		return err
	})
}
