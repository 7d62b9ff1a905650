package app_test

import (
	"context"

	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/database"
	"kartotek/internal/unit"
)

// oneDeclaration stands for every body.
type oneDeclaration struct{ consent.Declared }

func (o oneDeclaration) Standing(context.Context, unit.ID) (consent.Declared, bool, error) {
	return o.Declared, true, nil
}

// consents lets a member say yes and take it back, on their own page and on paper; they
// are told of the declaration, and asked again when it changes.
func (p *proof) consents() {
	ctx, must := p.Context(), p.Must
	d := consent.Declared{Version: consent.Version{Unit: p.Bodies["party"], Number: 1}, At: p.Now(), Hashes: map[string]string{"da": "ab", "en": "cd"}}
	before := p.Consents.Declarations
	p.Consents.Declarations = oneDeclaration{d}
	defer func() { p.Consents.Declarations = before }()
	q, err := p.Consents.Ask(ctx, p.Person("member"), "open-page", "da")
	must(err)
	must(p.Consents.Give(ctx, p.As("member"), p.Person("member"), consent.Giving{Code: q.Code, Lang: q.Lang, Hash: q.Hash, Known: "second"}))
	must(p.Consents.Withdraw(ctx, p.As("member"), p.Person("member"), "open-page"))
	must(p.Consents.Give(ctx, p.As("anna"), p.Person("odd"), consent.Giving{Code: "open-email", Lang: "da", Paper: "mappe 4, Zirkonvej"}))
	must(p.DB.Write(ctx, func(tx *database.Tx) error { return p.Consents.Published(ctx, tx, p.Bodies["party"], 2, true) }))
	must(p.Consents.Read(ctx, p.As("member"), "da", "ab"))
	must(p.Consents.Kept(ctx, p.As("odd"), []string{"health"}))
	_, err = p.Consents.Inform(ctx, p.As("anna"), p.Bodies["odense"])
	must(err)
	p.signedPapers()
	must(p.Consents.Give(ctx, p.As("odd"), p.Person("odd"), consent.Giving{Code: charter.DisclosureCode("minister"), Lang: "da", Hash: hashOf(p, "odd", charter.DisclosureCode("minister"))}))
}

func hashOf(p *proof, who, code string) string {
	q, err := p.Consents.Ask(p.Context(), p.Person(who), code, "da")
	p.Must(err)
	return q.Hash
}
