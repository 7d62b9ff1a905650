package declaration

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Standing is a word for how a body's declaration stands; several may hold at once.
type Standing string

// The standings, the most pressing first.
const (
	Absent      Standing = "missing"   // there must be one and is none
	Drifting    Standing = "drift"     // what is published no longer agrees with what the register does
	Unannounced Standing = "material"  // a change of something consented to, of which members were not told
	InReview    Standing = "review"    // a draft waits for somebody else
	Agreed      Standing = "approved"  // looked through, and not published
	InDraft     Standing = "draft"     // written since the newest version
	Out         Standing = "published" // there is one
)

// Standings are all of them.
var Standings = []Standing{Absent, Drifting, Unannounced, InReview, Agreed, InDraft, Out}

// Sorts are the orders statuses can be had in.
var Sorts = []string{"tree", "name", "published", "pressing"}

// Status is how a body's declaration stands, for whoever sees to all of them.
type Status struct {
	Unit       unit.Unit
	Needed     bool
	Version    int // 0: none of its own
	At         time.Time
	Draft      State // "" without anything written since the newest version
	Drifts     int   // facts that are no longer as the version says
	Missing    int   // what keeps it from being published
	Material   bool  // the newest version changed what somebody consented to
	Announcing bool  // members are still to be told of it
	LookBy     time.Time
}

// Is reports whether a standing holds.
func (st *Status) Is(standing Standing) bool {
	switch standing {
	case Absent:
		return st.Needed && st.Version == 0
	case Drifting:
		return st.Version > 0 && st.Drifts > 0
	case Unannounced:
		return st.Material && st.Announcing
	case InReview:
		return st.Draft == Waiting
	case Agreed:
		return st.Draft == Approved
	case InDraft:
		return st.Draft == Drafted
	case Out:
		return st.Version > 0
	}
	return false
}

// Standing is the most pressing one that holds; "" where nothing does.
func (st *Status) Standing() Standing {
	if i := slices.IndexFunc(Standings, st.Is); i >= 0 {
		return Standings[i]
	}
	return ""
}

// Wanted is which statuses are asked for; Size 0 is all of them.
type Wanted struct {
	Standing Standing // "" for every one
	Text     string   // part of the body's name, or its code
	Sort     string
	Page     int // from 0
	Size     int
}

// Overview is some statuses, how many there are, and how many of each standing.
type Overview struct {
	Some   []Status
	Found  int
	Total  int
	Counts map[Standing]int
}

// Statuses is how every body's declaration stands, for whoever sees to all of them:
// those that can have one.
func (s *Service) Statuses(ctx context.Context, by access.Actor, w Wanted) (Overview, error) {
	if _, err := s.Access.Require(ctx, by, access.Want{Act: s.Charter.Declaration.Overseer()}); err != nil {
		return Overview{}, err
	}
	if !s.Oversees(by) {
		return Overview{}, fault.New(fault.Denied, "declaration.denied.overseer")
	}
	all, err := s.statuses(ctx)
	if err != nil {
		return Overview{}, err
	}
	return w.of(all), nil
}

// of picks from all, in the order that is asked for.
func (w *Wanted) of(all []Status) Overview {
	o := Overview{Total: len(all), Counts: map[Standing]int{}}
	for i := range all {
		for _, standing := range Standings {
			if all[i].Is(standing) {
				o.Counts[standing]++
			}
		}
		if (w.Standing == "" || all[i].Is(w.Standing)) && (strings.Contains(locale.Fold(all[i].Unit.Name), locale.Fold(w.Text)) || all[i].Unit.Code == w.Text) {
			o.Some = append(o.Some, all[i])
		}
	}
	switch w.Sort {
	case "name":
		slices.SortStableFunc(o.Some, func(a, b Status) int { return cmp.Compare(locale.Fold(a.Unit.Name), locale.Fold(b.Unit.Name)) })
	case "published":
		slices.SortStableFunc(o.Some, func(a, b Status) int { return b.At.Compare(a.At) })
	case "pressing":
		rank := func(st *Status) int { return slices.Index(append(Standings, ""), st.Standing()) }
		slices.SortStableFunc(o.Some, func(a, b Status) int { return cmp.Compare(rank(&a), rank(&b)) })
	}
	o.Found = len(o.Some)
	if w.Size > 0 {
		from := min(max(w.Page, 0)*w.Size, o.Found)
		o.Some = o.Some[from:min(from+w.Size, o.Found)]
	}
	return o
}

// statuses works out every one, in the tree's order.
func (s *Service) statuses(ctx context.Context) ([]Status, error) {
	last, written, looked := map[unit.ID]*Version{}, map[unit.ID]*Draft{}, map[unit.ID]time.Time{}
	err := s.DB.Read(ctx, func(q database.Querier) error {
		all, err := versions(q, newestOfAll)
		if err != nil {
			return err
		}
		for i := range all {
			last[all[i].Unit] = &all[i]
		}
		begun, err := drafts(q, `revision > 0`)
		if err != nil {
			return err
		}
		for i := range begun {
			written[begun[i].Unit] = &begun[i]
		}
		looked, err = looks(q, `act = 'look'`)
		return err
	})
	if err != nil {
		return nil, err
	}
	telling := map[int64]bool{}
	open, err := s.Duties.OpenOf(ctx, duty.AnnounceDeclaration)
	if err != nil {
		return nil, err
	}
	for _, d := range open {
		telling[d.Subject] = true
	}
	var all []Status
	for _, u := range s.Units.Tree().All() {
		if u.Closed || !s.May(u) || !s.Needs(u) && last[u.ID] == nil && written[u.ID] == nil {
			continue
		}
		st, err := s.status(ctx, u, last[u.ID], written[u.ID])
		if err != nil {
			return nil, err
		}
		if st.Announcing = telling[int64(u.ID)]; st.Version > 0 {
			from := st.At
			if at := looked[u.ID]; at.After(from) {
				from = at
			}
			st.LookBy = from.AddDate(0, s.Charter.Declaration.LookMonths.Value, 0)
		}
		all = append(all, st)
	}
	return all, nil
}

// status is how one body stands, by its newest version and what it has written.
func (s *Service) status(ctx context.Context, u unit.Unit, last *Version, written *Draft) (Status, error) {
	k, err := s.knows(ctx, u)
	if err != nil {
		return Status{}, err
	}
	st, own := Status{Unit: u, Needed: s.Needs(u)}, &Content{}
	if written != nil {
		own = &written.Own
		// A draft stays after it is published: what was written since counts.
		if last == nil || written.State != Drafted || written.Since.After(last.At) {
			st.Draft = written.State
		}
	}
	if last != nil {
		st.Version, st.At, st.Material = last.Number, last.At, last.Material
		if now := k.facts(); hash(now) != last.Facts {
			st.Drifts = len(drifts(last.facts, now))
		}
	}
	lang := s.Charter.Lang()
	for _, l := range lacks(k, own, Texts{lang: compose(k, own, s.Charter.Printer(lang))}) {
		if l.Stops {
			st.Missing++
		}
	}
	return st, nil
}
