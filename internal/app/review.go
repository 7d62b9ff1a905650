package app

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/review"
	"kartotek/internal/signin"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectReviews makes the review of access (D14).
func (h *House) connectReviews() {
	h.Reviews = review.New(review.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		Directory: reviewed{h}, Lists: pulled{h}, Door: factors{h}, Grants: h.Grants, Letters: reviewLetters{h}, Now: h.Now,
	})
}

// reviewed is what a review asks of the members.
type reviewed struct{ h *House }

// Name gives somebody's name, to be frozen under their own key; "" of who has none.
func (r reviewed) Name(ctx context.Context, person vault.PersonID) (string, error) {
	scope, err := r.h.self(person)
	if err != nil {
		return "", err
	}
	own, err := r.h.Members.Own(ctx, scope)
	if errors.Is(err, vault.ErrErased) || fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return own.Name(), err
}

func (r reviewed) Leaving(person vault.PersonID) bool { return r.h.Members.Leaving(person) }

func (r reviewed) Count(body unit.ID) int { return r.h.Members.Count(body) }

// pulled is what a review asks of lists and hand-outs.
type pulled struct{ h *House }

func (p pulled) Counted(ctx context.Context, since time.Time) (map[review.Held]review.Tally, error) {
	counted, err := p.h.Extracts.Counted(ctx, since)
	all := make(map[review.Held]review.Tally, len(counted))
	for held, t := range counted {
		all[review.Held{Person: held.Person, Code: held.Post, Unit: held.Unit}] = review.Tally{
			Pulled: t.Pulled, Destroyed: t.Destroyed, Open: t.Open, Overdue: t.Overdue, Kept: t.Kept,
		}
	}
	return all, err
}

// Handouts counts the lists that were made for somebody without access (D5, D13): those
// that stand under no post, position or documented access.
func (p pulled) Handouts(ctx context.Context, since time.Time) (map[unit.ID]int, error) {
	counted, err := p.h.Extracts.Counted(ctx, since)
	all := map[unit.ID]int{}
	for held, t := range counted {
		_, post := p.h.Charter.Post(held.Post)
		_, position := p.h.Charter.Position(held.Post)
		if !post && !position && held.Post != access.GrantCode && t.Pulled > 0 {
			all[held.Unit] += t.Pulled
		}
	}
	return all, err
}

// factors is what a review asks of the door.
type factors struct{ h *House }

func (f factors) Factors(ctx context.Context) (map[vault.PersonID][]string, error) {
	seconds, err := f.h.SignIn.Seconds(ctx)
	all := make(map[vault.PersonID][]string, len(seconds))
	for person, kinds := range seconds {
		for _, kind := range kinds {
			name := "app"
			if kind == signin.Passkey {
				name = "passkey"
			}
			all[person] = append(all[person], name)
		}
	}
	return all, err
}

// reviewLetters writes to holders and to those who answer.
type reviewLetters struct{ h *House }

func (l reviewLetters) Write(ctx context.Context, person vault.PersonID, text func(*locale.Printer) string) (review.Letter, error) {
	letter, err := letters(l).write(ctx, person, "review.mail", func(p *locale.Printer) string {
		return text(p) + "\n\n" + l.h.URL + "/reviews"
	})
	return review.Letter(letter), err
}
