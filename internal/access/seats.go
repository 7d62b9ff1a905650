package access

import (
	"cmp"
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Seats. A body has exactly the posts with access that the charter gives one of its
// size (D8, D10). Filling one too many is refused; a seat that loses its ground later
// is nobody's to take away in silence: it is a finding, told where access is shown and
// to the next review, and somebody decides (D14).

// checkSeats refuses an appointment that would fill more seats on any day than the
// charter gives a body of that size (D8: exactly three posts; D10: one extra above 200
// members), and says how many there are and how many there can be.
func (r *Register) checkSeats(state *snapshot, a Appointment) error {
	post, _ := r.charter.Post(a.Post)
	members := r.members.Count(a.Unit)
	seats := post.SeatsFor(members)
	if seats == 0 {
		return fault.New(fault.Conflict, "access.error.too_few_members", "limit", post.OverMembers, "members", members)
	}
	if taken := state.taken(a); taken >= seats {
		return fault.New(fault.Conflict, "access.error.seat_taken", "count", seats, "taken", taken)
	}
	return nil
}

// taken is how many others hold a post of a body on the fullest day of a term.
func (s *snapshot) taken(a Appointment) (most int) {
	var terms []span
	for _, held := range s.held {
		for i := range held {
			h := &held[i]
			if h.basis.Right == ByPost && h.basis.Code == a.Post && h.basis.Unit == a.Unit && h.first <= h.last &&
				overlaps(a.From, a.Until, h.basis.From, h.basis.Until) {
				terms = append(terms, span{h.first, h.last})
			}
		}
	}
	first, _ := term(a.From, a.Until)
	for i := range terms { // the fullest day is the first day of some term
		on, n := max(first, terms[i].first), 0
		for _, other := range terms {
			if other.holds(on) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// Why says what is wrong with an access that stands; its words are
// access.finding.<why>.
type Why string

const (
	Shrunk      Why = "shrunk"       // the body no longer has the members its seat is for (D10)
	TooMany     Why = "too_many"     // more hold the post than the charter gives seats (D8)
	NoSuchPost  Why = "no_such_post" // the charter has no such post in such a body any more
	NotAMember  Why = "not_a_member" // the holder has left the body
	NoPosts     Why = "no_posts"     // the holder's kind of membership holds no posts
	BodyClosed  Why = "body_closed"  // the body is closed
	NoTask      Why = "no_task"      // the position has no task that needs member data, or is none (D4)
	NoGround    Why = "no_ground"    // nobody wrote why
	NoPurpose   Why = "no_purpose"   // the charter no longer has what a documented access was for (D9)
	TooLong     Why = "too_long"     // a documented access runs longer than the charter now allows (D9)
	StandsAside Why = "stands_aside" // documented access of somebody whose post gives the same (D9)
)

// Finding is an access that has lost its ground, or never had it: what the next
// review looks at. Nothing is taken away because of it.
type Finding struct {
	Holding Holding
	Why     Why
	Seats   int // that the charter gives today
	Taken   int // that are held today
	Members int // of the body
	Limit   int // the members a seat is for; the months a documented access lasts
}

// Findings lists the accesses of today, and of days to come, that have lost their
// ground (D4, D8, D9, D10): staff first, then body by body. The Scope must have been
// decided for charter.Access; it limits the bodies.
func (r *Register) Findings(s Scope) ([]Finding, error) {
	if !s.Allowed() || s.Act() != charter.Access {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	return r.lost(func(h *holding) bool { return s.All() || h.basis.InBody() && s.Covers(h.basis.Unit) }), nil
}

// Lost is Findings for the program itself, which opens a review on its day (D14).
func (r *Register) Lost() []Finding { return r.lost(func(*holding) bool { return true }) }

func (r *Register) lost(want func(*holding) bool) []Finding {
	state, today := r.state.Load(), r.today().number
	all := r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right != BySubstitute && h.basis.Right != ByCover && today <= h.last && h.first <= h.last && want(h)
	})
	var found []Finding
	for i := range all {
		f := Finding{Holding: all[i]}
		if r.judge(state, &f, today); f.Why != "" {
			found = append(found, f)
		}
	}
	return found
}

// judge finds the gravest thing that is wrong with an access.
func (r *Register) judge(state *snapshot, f *Finding, today int32) {
	switch f.Holding.Basis.Right {
	case ByPosition:
		r.judgePosition(f)
	case ByGrant:
		r.judgeGrant(state, f, today)
	case ByPost:
		r.judgePost(state, f, today)
	}
}

func (r *Register) judgePosition(f *Finding) {
	position, known := r.charter.Position(f.Holding.Basis.Code)
	switch {
	case !known || position.Acts == 0: // D4
		f.Why = NoTask
	case f.Holding.Ground == "":
		f.Why = NoGround
	}
}

func (r *Register) judgeGrant(state *snapshot, f *Finding, today int32) {
	h, g := &f.Holding, f.Holding.Grant
	body, _ := r.units.Tree().ByID(h.Basis.Unit)
	f.Members, f.Limit = r.members.Count(body.ID), r.charter.Grants.Months.Value
	switch {
	case body.Closed:
		f.Why = BodyClosed
	case !r.members.Belongs(h.Person, body.ID):
		f.Why = NotAMember
	case h.May == 0 || slices.ContainsFunc(g.Purposes, func(code string) bool { _, known := r.charter.Purpose(code); return !known }):
		f.Why = NoPurpose
	case g.Until.After(r.LongestGrant(g.From)):
		f.Why = TooLong
	case slices.ContainsFunc(state.held[h.Person], func(other holding) bool {
		return other.basis.Right == ByPost && other.basis.Unit == body.ID && other.may.Has(h.May) && today >= other.first && today <= other.last
	}):
		f.Why = StandsAside
	}
}

func (r *Register) judgePost(state *snapshot, f *Finding, today int32) {
	h := &f.Holding
	body, _ := r.units.Tree().ByID(h.Basis.Unit)
	post, known := r.charter.Post(h.Basis.Code)
	f.Members = r.members.Count(body.ID)
	if !known || !post.At(body.Level) {
		f.Why = NoSuchPost
		return
	}
	f.Seats, f.Taken, f.Limit = post.SeatsFor(f.Members), len(state.onSeat(h.Basis, today)), post.OverMembers
	switch {
	case body.Closed:
		f.Why = BodyClosed
	case post.OverMembers > 0 && f.Seats == 0:
		f.Why = Shrunk
	case f.Taken > f.Seats && !state.amongFirst(h.Basis, f.Seats, today):
		f.Why = TooMany
	case !r.belongs(h.Person, body):
		f.Why = NotAMember
	case !r.mayHold(h.Person, body):
		f.Why = NoPosts
	}
}

// amongFirst reports whether a holding is one of the first so many in a post: whoever
// was seated last is the one too many.
func (s *snapshot) amongFirst(b Basis, seats int, today int32) bool {
	all := s.onSeat(b, today)
	at := slices.IndexFunc(all, func(h *holding) bool { return h.basis.ID == b.ID })
	return at < seats // of a day to come: -1, judged when it comes
}

// onSeat are those who hold a post of a body on a day, the first seated first.
func (s *snapshot) onSeat(b Basis, today int32) []*holding {
	var all []*holding
	for _, held := range s.held {
		for i := range held {
			h := &held[i]
			if h.basis.Right == ByPost && h.basis.Code == b.Code && h.basis.Unit == b.Unit && today >= h.first && today <= h.last {
				all = append(all, h)
			}
		}
	}
	slices.SortFunc(all, func(x, y *holding) int {
		return cmp.Or(cmp.Compare(x.first, y.first), cmp.Compare(x.basis.ID, y.basis.ID))
	})
	return all
}

// Words says what is wrong, with the counts.
func (f *Finding) Words(p *locale.Printer) string {
	return p.T("access.finding."+string(f.Why), "seats", f.Seats, "taken", f.Taken, "members", f.Members, "limit", f.Limit)
}
