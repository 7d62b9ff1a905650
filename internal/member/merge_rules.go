package member

import (
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/vault"
)

// claimedNumbers are the member numbers by which somebody is found: their own and
// those of entries that became one with theirs.
func (p *Profile) claimedNumbers() []string {
	var all []string
	for _, number := range append([]string{p.Number}, p.Numbers...) {
		if number = claimedNumber(number); number != "" && !slices.Contains(all, number) {
			all = append(all, number)
		}
	}
	return all
}

// wholeAddress are the fields that are taken from one entry together: half of an
// address and half of another is where nobody lives.
var wholeAddress = []string{"address", "postal", "town", "country"}

// choosable reports whether a field of the charter is chosen when two entries
// become one. A number is kept, the earlier joining date counts.
func choosable(f *charter.Field) bool {
	switch {
	case f.Type == charter.TypeUnit, f.Type == charter.TypeCategory, f.Type == charter.TypeFullName, f.Type == charter.TypeNumber:
		return false
	}
	return f.Code != "joined"
}

// groupOf is the field by which a choice is named: an address by its first.
func groupOf(code string) string {
	if slices.Contains(wholeAddress, code) {
		return wholeAddress[0]
	}
	return code
}

// merged is one entry made of two of the same person. What is kept stands unless
// it is empty or the other's was taken. Nothing that protects is lost: who objects
// in one entry, is restricted or has a secret address, does in both (Art. 18, 21,
// L8). strict tells the stricter of two protections.
func merged(of *charter.Charter, kept, other *stored, otherID vault.PersonID, take map[string]bool, strict func(*Profile) bool) stored {
	s := kept.clone()
	p, q := &s.profile, &other.profile
	noAddress := !slices.ContainsFunc(wholeAddress, func(code string) bool { return p.Value(code) != "" })
	for i := range of.Fields {
		f := &of.Fields[i]
		if !choosable(f) {
			continue
		}
		taken := take[groupOf(f.Code)]
		if slices.Contains(wholeAddress, f.Code) {
			if taken || noAddress {
				p.set(f.Code, q.Value(f.Code))
			}
		} else if v := q.Value(f.Code); v != "" && (taken || p.Value(f.Code) == "") {
			p.set(f.Code, v)
		}
	}
	for code, value := range q.Extra { // what the charter does not declare any more
		if p.Extra[code] == "" {
			p.set(code, value)
		}
	}
	p.Joined = earlier(p.Joined, q.Joined)
	if p.Language == "" {
		p.Language = q.Language
	}
	if sameAddress(p, q) && p.Letter.Since.IsZero() {
		p.Letter = q.Letter
	}
	if p.Email == q.Email && p.Mailed.Since.IsZero() {
		p.Mailed = q.Mailed
	}
	p.Restricted = p.Restricted || q.Restricted
	p.protect(strictest(p, q, strict))
	for _, code := range q.Objections {
		if !slices.Contains(p.Objections, code) {
			p.Objections = append(p.Objections, code)
		}
	}
	slices.Sort(p.Objections)
	for _, number := range append([]string{q.Number}, q.Numbers...) {
		if number != "" && !slices.Contains(p.claimedNumbers(), claimedNumber(number)) {
			p.Numbers = append(p.Numbers, number)
		}
	}
	p.Merged = append(append(p.Merged, otherID), q.Merged...)
	for i := range other.memberships {
		m := other.memberships[i]
		if own := s.in(m.Unit); own != nil {
			own.From = earlier(own.From, m.From)
			own.Until = laterEnd(own.Until, m.Until)
			continue
		}
		s.memberships = append(s.memberships, m)
		for j := range other.courses {
			if other.courses[j].Unit == m.Unit {
				s.courses = append(s.courses, other.courses[j].clone())
			}
		}
	}
	if s.tie.Household == 0 {
		s.tie = other.tie
	}
	return s
}

// strictest is the stricter of two protections of an address, for as long as
// either lasts.
func strictest(p, q *Profile, strict func(*Profile) bool) Secrecy {
	a, b := p.Secrecy(), q.Secrecy()
	switch {
	case !a.Secret:
		return b
	case !b.Secret:
		return a
	}
	if strict(q) && !strict(p) {
		a.Level = b.Level
	}
	a.Until = laterEnd(a.Until, b.Until)
	return a
}

// earlier is the earlier of two days that somebody knows.
func earlier(a, b civil.Date) civil.Date {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// laterEnd is the later of two last days; zero is no end.
func laterEnd(a, b civil.Date) civil.Date {
	if a.IsZero() || b.IsZero() {
		return civil.Date{}
	}
	if b.After(a) {
		return b
	}
	return a
}

// parted is what an entry becomes when a merging is taken back: what the merging
// changed is as before, what somebody changed since stays.
func parted(of *charter.Charter, before, after, now *stored, otherID vault.PersonID, otherNumbers []string) stored {
	s := now.clone()
	p, was, made := &s.profile, &before.profile, &after.profile
	for i := range of.Fields {
		code := of.Fields[i].Code
		if f := &of.Fields[i]; f.Code != "joined" && !choosable(f) {
			continue
		}
		if p.Value(code) == made.Value(code) {
			p.set(code, was.Value(code))
		}
	}
	if p.Language == made.Language {
		p.Language = was.Language
	}
	if p.Restricted == made.Restricted {
		p.Restricted = was.Restricted
	}
	if p.Secrecy() == made.Secrecy() {
		p.protect(was.Secrecy())
	}
	if slices.Equal(p.Objections, made.Objections) {
		p.Objections = slices.Clone(was.Objections)
	}
	p.Numbers = slices.DeleteFunc(p.Numbers, func(n string) bool { return slices.Contains(otherNumbers, claimedNumber(n)) })
	p.Merged = slices.DeleteFunc(p.Merged, func(id vault.PersonID) bool { return id == otherID })
	var kept []Membership
	for _, m := range s.memberships {
		old, joined := before.in(m.Unit), after.in(m.Unit)
		switch {
		case joined == nil || *joined != m: // changed since
			kept = append(kept, m)
		case old != nil:
			kept = append(kept, *old)
		}
	}
	if len(kept) > 0 { // somebody may have ended the others since
		s.memberships = kept
	}
	if s.tie == after.tie {
		s.tie = before.tie
	}
	return s
}
