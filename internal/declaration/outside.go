package declaration

import (
	"context"
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Recipient is somebody outside who gets data of a body's members, as the register
// knows it: a holder, a processor and its own, the international body. It is no person.
type Recipient struct {
	Code     string // stays the same while it is the same
	Name     string
	Names    charter.Words // where the charter names it; else Name holds in every language
	Role     string        // "processor", "subprocessor", "recipient" or "international"
	Country  string        // ISO 3166-1 alpha-2
	Task     charter.Words
	Transfer string        // on what a transfer to a third country rests, by code
	Ground   charter.Words // and in words (GDPR Art. 44–49)
	Fields   []string      // what it gets, by the charter's codes; nothing where it is not said
	Consent  string        // the consent without which it gets nothing; "" where another basis holds
}

// name is what it is called in a language.
func (r *Recipient) name(lang string) string {
	if name := r.Names.In(lang); name != "" {
		return name
	}
	return r.Name
}

// Processors tells who processes the data of a body's members for it, the whole chain
// (N12, GDPR Art. 28(4)). app connects the room of agreements.
type Processors interface {
	Processors(ctx context.Context, body unit.ID) ([]Recipient, error)
}

// Recipients tells to whom the data of a body's members are passed on (N12, GDPR Art.
// 13(1)(e)). app connects the room that passes on.
type Recipients interface {
	Recipients(ctx context.Context, body unit.ID) ([]Recipient, error)
}

// outside gathers everybody outside who gets data: whom they are passed on to, who
// processes them, and who holds some besides. Who is in several is told of once, as the
// room that knows most of it says.
func (s *Service) outside(ctx context.Context, body unit.ID) (all []Recipient, err error) {
	var sources []func(context.Context, unit.ID) ([]Recipient, error)
	if s.Recipients != nil {
		sources = append(sources, s.Recipients.Recipients)
	}
	if s.Processors != nil {
		sources = append(sources, s.Processors.Processors)
	}
	if s.Outside != nil {
		sources = append(sources, s.Outside)
	}
	for _, source := range sources {
		some, err := source(ctx, body)
		if err != nil {
			return nil, err
		}
		all = once(all, some)
	}
	return all, nil
}

// once adds those who are not there yet, by name and country.
func once(all, some []Recipient) []Recipient {
	told := len(all)
	for i := range some {
		r := &some[i]
		if !slices.ContainsFunc(all[:told], func(known Recipient) bool { return known.same(r) }) {
			all = append(all, *r)
		}
	}
	return all
}

func (r *Recipient) same(other *Recipient) bool {
	if r.Country != other.Country {
		return false
	}
	names := []string{locale.Fold(r.Name)}
	for _, name := range r.Names {
		names = append(names, locale.Fold(name))
	}
	return slices.Contains(names, locale.Fold(other.Name))
}
