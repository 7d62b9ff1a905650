package app_test

import (
	"strings"

	"kartotek/internal/database"
	"kartotek/internal/directory"
	"kartotek/internal/vault"
)

// closedPages has members of local associations see each other, which the party's own
// charter does not.
func closedPages(source string) string {
	return strings.Replace(source, "[directory]\nreach = []", `[directory]
purpose = "invitation"
fields = ["email", "address", "town"]
reach = [{ members = "local", see = "local" }]`, 1)
}

// discloses lets them be seen by each other on closed pages, and by anybody on an open
// one (N11).
func (p *proof) discloses() {
	ctx, must := p.Context(), p.Must
	must(p.Directory.Choose(ctx, p.As("member"), true, []string{"email", "town"}))
	_, err := p.Directory.Find(ctx, p.As("neighbour"), p.Bodies["gentofte"], "", 1, 0)
	must(err)
	seen, err := p.Directory.Look(ctx, p.As("neighbour"), p.Bodies["gentofte"], p.Person("member"))
	must(err)
	if seen.Profile.Email == "" {
		p.t.Fatal("a member shows an address, and it is not seen")
	}
	_, err = p.Directory.SetPage(ctx, p.As("chair"), directory.Page{Unit: p.Bodies["gentofte"], Open: true, Mailbox: "gentofte@parti.example"})
	must(err)
	before := p.Access.Consents
	p.AskConsents(func(database.Querier, vault.PersonID, string) (bool, error) { return true, nil })
	shown, err := p.Directory.Show(ctx, "gentofte", p.Charter.Printer("da"))
	must(err)
	if len(shown.Functions) == 0 || shown.Functions[0].Name == "" {
		p.t.Fatal("nobody is shown on the open page")
	}
	p.Access.Consents = before
}
