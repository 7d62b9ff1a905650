package audit_test

import (
	"strings"
	"testing"

	"kartotek/internal/agreement"
	"kartotek/internal/app/housetest"
)

// N2, N4, N12, N13: what the rooms of declarations, agreements and processors know of a
// body is filled in and cannot be answered otherwise; what nobody can know is asked.
func TestN13TheSecuritySideIsFilledIn(t *testing.T) {
	f := housetest.Under(t, func(source string) string {
		source = strings.Replace(source, `controller = "controller" # L10`, `controller = "processor"`, 1)
		source = strings.ReplaceAll(source, `controller = "joint"`, `controller = "controller"`)
		source = strings.Replace(source, `fact = "access-review"`, `fact = "declaration"`, 1)
		source = strings.Replace(source, `fact = "lists"`, `fact = "agreement"`, 1)
		return strings.Replace(source, `code = "machines"`, "code = \"machines\"\nfact = \"processors\"", 1)
	})
	ctx, body := f.Context(), f.Bodies["gentofte"]
	a, err := f.Audits.OpenByHand(ctx, f.As("anna"))
	f.Must(err)
	stands := func(code string, known bool, lacks string) {
		t.Helper()
		v, err := f.Audits.View(ctx, f.As("chair"), a.ID, body)
		f.Must(err)
		for i := range v.Checks {
			if c := &v.Checks[i]; c.Code == code && (c.Fact.Known != known || c.Fact.Lacks != lacks || c.Fact.Holds != (known && lacks == "")) {
				t.Errorf("%s: %+v, want %t %q", code, c.Fact, known, lacks)
			}
		}
	}
	stands("access", true, "declaration")
	stands("lists", true, "signed")
	stands("machines", false, "")

	today := f.Access.Today()
	_, err = f.Agreements.Ask(ctx, f.As("anna"))
	f.Must(err)
	signed, err := f.Agreements.Sign(ctx, f.As("chair"), body, agreement.Signing{Mandate: agreement.Mandate{Meeting: "board", On: today, Item: "punkt 4"}})
	f.Must(err)
	stands("lists", true, "countersigned")
	_, err = f.Agreements.Accept(ctx, f.As("bo"), signed.Number)
	f.Must(err)
	_, err = f.Agreements.Countersign(ctx, f.As("anna"), signed.Number)
	f.Must(err)
	stands("lists", true, "")

	_, err = f.Agreements.AddProcessor(ctx, f.As("chair"), agreement.Processor{
		Unit: body, Name: "Trykkeriet ApS", Address: "Xylofonvej 1", Contact: "post@trykkeriet.example", Country: "DK", Transfer: "eea",
		Task: "trykker medlemsbladet", Purposes: []string{"newsletter"}, Fields: []string{"given", "family", "address"}, From: today,
	}, nil)
	f.Must(err)
	stands("machines", true, "file")
	if err := f.Audits.AnswerCheck(ctx, f.As("chair"), a.ID, body, "machines", true, ""); err == nil {
		t.Error("what the register knows is answered otherwise")
	}
	if fact, err := f.Audits.Facts.Fact(ctx, f.Bodies["north"], "agreement"); err != nil || fact.Known {
		t.Errorf("nothing is demanded of a region, and yet %+v %v", fact, err)
	}
}
