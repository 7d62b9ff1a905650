package member

import (
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Manner is how members are written to when the house itself sends.
type Manner struct {
	Letters    bool // to whoever has no e-mail, where the purpose has the postal address
	Households bool // one for those of a household who share the mailbox, or the address
}

// Posting tells in numbers how members would be reached; of nobody.
type Posting struct {
	Reach
	Mails, Letters     int  // messages
	ByMail, ByLetter   int  // members who get them
	Left               Left // members who get none
	Households, Joined int  // messages to more than one, and their members
}

// CountPost counts how the members a purpose may be sent to would be reached. It
// takes a Scope for pulling, or one that only counts, and answers with numbers.
func (d *Directory) CountPost(ctx context.Context, s access.Scope, m Manner) (Posting, error) {
	x, err := d.enterPost(s)
	if err != nil {
		return Posting{}, err
	}
	x.mu.RLock()
	wanted, reach := x.selected(s)
	x.mu.RUnlock()
	p := Posting{Reach: reach}
	p.Left, err = d.deliver(ctx, x, s, wanted, m, func(e *Envelope) error {
		if e.Email != "" {
			p.Mails, p.ByMail = p.Mails+1, p.ByMail+len(e.Persons)
		} else {
			p.Letters, p.ByLetter = p.Letters+1, p.ByLetter+len(e.Persons)
		}
		if len(e.Persons) > 1 {
			p.Households, p.Joined = p.Households+1, p.Joined+len(e.Persons)
		}
		return nil
	})
	return p, err
}

func (d *Directory) enterPost(s access.Scope) (*index, error) {
	if s.Counts() {
		return d.open()
	}
	return d.enter(s, charter.Pull)
}

// Deliver calls fn with a message for each of a set that Select gave under the same
// Scope: by e-mail, or by letter. Whoever has left since, objects or is restricted by
// now gets none, and neither does whoever cannot be reached, which is counted. The set
// must be journaled before.
func (d *Directory) Deliver(ctx context.Context, s access.Scope, persons *roaring.Bitmap, m Manner, fn func(*Envelope) error) (Left, error) {
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return Left{}, err
	}
	x.mu.RLock()
	wanted, _ := x.selected(s)
	x.mu.RUnlock()
	wanted.And(persons)
	return d.deliver(ctx, x, s, wanted, m, fn)
}

// Together gives the first few of a set, with those of it who share their households:
// what is sent in one go.
func (d *Directory) Together(persons *roaring.Bitmap, few int) *roaring.Bitmap {
	some := roaring.New()
	x := d.loaded()
	if x == nil {
		return some
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	for it := persons.Iterator(); it.HasNext() && few > 0; few-- {
		person := it.Next()
		some.Add(person)
		for _, other := range x.homes.with(vault.PersonID(person)) {
			if persons.Contains(uint32(other)) {
				some.Add(uint32(other))
			}
		}
	}
	return some
}

func (d *Directory) deliver(ctx context.Context, x *index, s access.Scope, wanted *roaring.Bitmap, m Manner, fn func(*Envelope) error) (Left, error) {
	var left Left
	x.mu.RLock()
	sorted := make([]vault.PersonID, 0, wanted.GetCardinality())
	for it := wanted.Iterator(); it.HasNext(); {
		sorted = append(sorted, vault.PersonID(it.Next()))
	}
	if m.Households {
		sorted = x.gathered(sorted, wanted)
	}
	x.mu.RUnlock()
	var waiting []*Envelope
	var place uint64
	flush := func() error {
		for _, e := range waiting {
			if err := fn(e); err != nil {
				return err
			}
		}
		waiting = waiting[:0]
		return nil
	}
	err := record.Fetch(d.records, ctx, Profiles, sorted, func(person vault.PersonID, _ uint64, p *Profile) error {
		if _, listed := x.listed(s, person); !listed {
			return nil
		}
		at := uint64(0)
		if m.Households {
			at = x.household(person, wanted)
		}
		if at == 0 || at != place || len(waiting) >= longestHome {
			if err := flush(); err != nil {
				return err
			}
		}
		place = at
		e := d.message(s, person, p, m.Letters, &left)
		if e == nil {
			return nil
		}
		for _, other := range waiting {
			if other.joins(e) {
				other.Persons, other.To = append(other.Persons, person), append(other.To, e.To...)
				return nil
			}
		}
		waiting = append(waiting, e)
		return nil
	})
	if err != nil {
		return left, err
	}
	return left, flush()
}

// message is how one member is reached for a purpose: by e-mail unless it comes back,
// else by letter; nil where neither does.
func (d *Directory) message(s access.Scope, person vault.PersonID, p *Profile, letters bool, left *Left) *Envelope {
	may := func(code string) bool {
		f, known := d.charter.Field(code)
		return known && s.Purpose().Set.Has(f.Bit)
	}
	e := &Envelope{
		Persons: []vault.PersonID{person}, Language: strings.Clone(p.Language),
		To: []Addressee{{Given: strings.Clone(p.Given), Family: strings.Clone(p.Family)}},
	}
	if may("email") && p.Email != "" && p.Mailed.Since.IsZero() {
		e.Email = strings.ToLower(p.Email)
		return e
	}
	covered := d.cover(s, p)
	switch back := !p.Mailed.Since.IsZero() || !p.Letter.Since.IsZero(); {
	case letters && may("address") && !covered && p.Letter.Since.IsZero() && (p.Street != "" || p.Town != ""):
		for _, line := range AddressLines(p, d.charter.Country) {
			e.Lines = append(e.Lines, strings.Clone(line))
		}
		return e
	case letters && may("address") && covered:
		left.Covered++
	case back:
		left.Returned++
	default:
		left.Nowhere++
	}
	return nil
}

// Bounced marks that an e-mail of the house to a member came back, as the house itself
// noticed: the Scope is the member's own. A mark that stands stays as it is.
func (d *Directory) Bounced(ctx context.Context, s access.Scope) error {
	person, self := s.Self()
	if !self {
		return fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	_, err := d.editKnown(ctx, s, person, journal.Edit, func(after *stored) error {
		if after.profile.Email != "" && after.profile.Mailed.Since.IsZero() {
			after.profile.Mailed = Return{Since: d.charter.Today(d.now())}
		}
		return nil
	})
	return err
}

// Objects reports whether somebody objects to a purpose by now (GDPR Art. 21).
func (d *Directory) Objects(person vault.PersonID, purpose string) bool {
	x := d.loaded()
	if x == nil {
		return false
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	objected := x.objections[purpose]
	return objected != nil && objected.Contains(uint32(person))
}
