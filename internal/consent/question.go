package consent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Question is what a person is asked, in the words that are kept with the answer.
type Question struct {
	Code     string
	Name     string
	Asked    string
	Opens    string // what a yes opens, and what follows from a no
	Back     string // how it is taken back
	Purposes []string
	Lang     string
	Version  Version
	Hash     string // of all of it
}

// Questions are everything a person is asked about, in a language.
func (s *Service) Questions(ctx context.Context, person vault.PersonID, lang string) ([]Question, error) {
	version, err := s.versionFor(ctx, person, lang)
	if err != nil {
		return nil, err
	}
	var all []Question
	for _, k := range s.Charter.AsksConsent() {
		all = append(all, ask(s.Charter, k, lang, version))
	}
	return all, nil
}

// Ask is one of them.
func (s *Service) Ask(ctx context.Context, person vault.PersonID, code, lang string) (Question, error) {
	k, known := s.Charter.Consent(code)
	if !known {
		return Question{}, fault.New(fault.Invalid, "consent.error.give").With("code", "consent.error.code")
	}
	version, err := s.versionFor(ctx, person, lang)
	if err != nil {
		return Question{}, err
	}
	return ask(s.Charter, k, lang, version), nil
}

// versionFor is the declaration that stands for a person: that of the first of their
// bodies which has one.
func (s *Service) versionFor(ctx context.Context, person vault.PersonID, lang string) (Version, error) {
	d, known, err := s.declared(ctx, person)
	if err != nil || !known {
		return Version{}, err
	}
	return d.In(lang), nil
}

func (s *Service) declared(ctx context.Context, person vault.PersonID) (Declared, bool, error) {
	for _, body := range s.Members.Units(person) {
		d, known, err := s.Declarations.Standing(ctx, body)
		if err != nil || known {
			return d, known, err
		}
	}
	return Declared{}, false, nil
}

// ask puts a question into words. Its hash is over everything that is shown, so that
// a later reader can tell what a yes was said to.
func ask(c *charter.Charter, k *charter.Consent, lang string, v Version) Question {
	return asked(c, k, lang, v, "consent.back")
}

// askOnPaper is the same with how it is taken back by whoever has only paper.
func askOnPaper(c *charter.Charter, k *charter.Consent, lang string, v Version) Question {
	return asked(c, k, lang, v, "consent.sheet.back")
}

func asked(c *charter.Charter, k *charter.Consent, lang string, v Version, back string) Question {
	p := c.Printer(lang)
	q := Question{Code: k.Code, Name: k.Name.In(p.Lang()), Asked: k.Asked.In(p.Lang()), Opens: k.Opens.In(p.Lang()), Back: p.T(back), Lang: p.Lang(), Version: v}
	if k.Recipient != nil {
		q.disclosure(c, k, p)
	}
	shown, err := json.Marshal([]any{q.Code, q.Lang, q.Name, q.Asked, q.Opens, q.Back, q.Purposes, v.Unit, v.Number, v.Hash})
	if err != nil {
		panic(err) // texts and numbers alone
	}
	sum := sha256.Sum256(shown)
	q.Hash = hex.EncodeToString(sum[:])
	return q
}

// disclosure asks about a kind of recipient outside the legal body.
func (q *Question) disclosure(c *charter.Charter, k *charter.Consent, p *locale.Printer) {
	q.Purposes = slices.Clone(k.Recipient.Purposes)
	names := make([]string, len(q.Purposes))
	for i, code := range q.Purposes {
		if purpose, known := c.Purpose(code); known {
			names[i] = purpose.Name.In(p.Lang())
		}
	}
	q.Asked = p.T("consent.disclosure.asked", "who", q.Name, "purposes", p.List(names))
	q.Opens = p.T("consent.disclosure.opens")
}

// consent is what a yes to the question begins as.
func (q *Question) consent() Consent {
	return Consent{Code: q.Code, Purposes: q.Purposes, Asked: q.Asked, Hash: q.Hash, Lang: q.Lang, Version: q.Version}
}
