package consent_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
)

// one is a declaration that stands for every body.
type one struct{ consent.Declared }

func (o one) Standing(context.Context, unit.ID) (consent.Declared, bool, error) {
	return o.Declared, true, nil
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

// N10, N11, L5, L9 in one house on each engine: nothing is said beforehand, each
// question stands alone, a yes is to the words that were shown, one press takes it back
// at once, a material change asks again, and who was not told is owed it.
func TestL5AskedEachAloneAndTakenBackAtOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, member := f.Context(), f.Person("member")
		d := consent.Declared{Version: consent.Version{Unit: f.Bodies["party"], Number: 1}, At: f.Now(), Hashes: map[string]string{"da": "d1", "en": "e1"}}
		f.Consents.Declarations = one{d}
		stands := func(who, code string) (yes bool) {
			f.Must(f.DB.Read(ctx, func(q database.Querier) (err error) {
				yes, err = f.Consents.Stands(q, f.Person(who), code)
				return err
			}))
			return yes
		}
		give := func(who, code string) error {
			q, err := f.Consents.Ask(ctx, f.Person(who), code, "da")
			f.Must(err)
			return f.Consents.Give(ctx, f.As(who), f.Person(who), consent.Giving{Code: code, Lang: "da", Hash: q.Hash, Known: "second"})
		}
		if stands("member", "open-page") || stands("member", "open-email") {
			t.Fatal("something is said before the member says it")
		}
		if err := f.Consents.Give(ctx, f.As("member"), member, consent.Giving{Code: "open-page", Lang: "da", Hash: "of other words"}); key(err) != "consent.error.changed" {
			t.Errorf("a yes to other words: %v", err)
		}
		f.Must(give("member", "open-page"))
		if !stands("member", "open-page") || stands("member", "open-email") {
			t.Error("N11: a yes to the name is a yes to the address, or none at all")
		}
		if err := f.Consents.Give(ctx, f.As("chair"), f.Person("lyngby member"), consent.Giving{Code: "open-page", Lang: "da", Paper: "folder"}); key(err) != "member.error.not_found" && key(err) != "access.denied.act" {
			t.Errorf("an officer of another body enters a consent: %v", err)
		}
		f.Must(give("neighbour", "open-page"))
		f.Must(f.Consents.Withdraw(ctx, f.As("member"), member, "open-page"))
		agreed, err := f.Consents.Agreed(ctx, "open-page")
		f.Must(err)
		if stands("member", "open-page") || agreed.Contains(uint32(member)) || agreed.GetCardinality() != 1 {
			t.Error("a withdrawal does not count at once")
		}

		// N10: the receipt proves what was shown, and is found changed offline.
		receipts, err := f.Consents.Receipts(ctx, f.As("member"), member, "public", "da")
		f.Must(err)
		file, err := json.Marshal(receipts)
		f.Must(err)
		check := func(file []byte, key ed25519.PublicKey) bool {
			all, err := consent.VerifyReceipts(file, key)
			return err == nil && len(all) == 1 && all[0].Sound()
		}
		if !check(file, nil) || !check(file, f.Keyring.LedgerKey()) || len(receipts[0].Events) != 2 || receipts[0].Processing.Notice.SHA256 == "" {
			t.Errorf("the receipt: %+v", receipts)
		}
		other, _, err := ed25519.GenerateKey(nil)
		f.Must(err)
		if check(file, other) {
			t.Error("a receipt is anybody's")
		}
		changed := bytes.Replace(file, []byte("consent withdrawn"), []byte("consent given"), 1)
		if check(changed, nil) {
			t.Error("a changed receipt is sound")
		}
		if _, err := consent.VerifyReceipts([]byte(`[{"x":1}]`), nil); key(err) != "consent.error.receipt" {
			t.Errorf("no receipt is one: %v", err)
		}
		paper, err := consent.ReceiptsPDF(receipts, f.Charter.Printer("da"))
		f.Must(err)
		if !check(paper, f.Keyring.LedgerKey()) {
			t.Error("the receipt on paper is not sound")
		}
		if bent := bytes.Replace(paper, []byte("/Title<FEFF004B"), []byte("/Title<FEFF004C"), 1); bytes.Equal(bent, paper) || check(bent, nil) {
			t.Error("a changed page is sound")
		}

		// A material change asks again; it rests until it is answered.
		d.Number, d.Hashes = 2, map[string]string{"da": "d2", "en": "e2"}
		f.Consents.Declarations = one{d}
		f.Must(f.DB.Write(ctx, func(tx *database.Tx) error { return f.Consents.Published(ctx, tx, f.Bodies["party"], 2, false) }))
		if !stands("neighbour", "open-page") {
			t.Error("a small change ends a consent")
		}
		f.Must(f.DB.Write(ctx, func(tx *database.Tx) error { return f.Consents.Published(ctx, tx, f.Bodies["party"], 2, true) }))
		if stands("neighbour", "open-page") {
			t.Error("a material change lets a consent stand")
		}
		f.Must(give("neighbour", "open-page"))
		if all, err := f.Consents.Of(ctx, f.As("neighbour"), f.Person("neighbour")); err != nil || len(all) != 2 || !stands("neighbour", "open-page") {
			t.Errorf("answered again: %v %v", all, err)
		}

		// L9: whoever was not told is owed it within a month, and told once.
		gentofte := f.Bodies["gentofte"]
		f.Must(f.Consents.Daily(ctx))
		due := func() bool {
			found, err := f.Duties.OpenOf(ctx, duty.InformMembers)
			f.Must(err)
			for _, d := range found {
				if d.Unit == gentofte {
					return d.Act == charter.Edit.String()
				}
			}
			return false
		}
		if !due() {
			t.Fatal("nobody owes it to the members of a body to tell them")
		}
		if err := f.Consents.Read(ctx, f.As("member"), "da", "d1"); key(err) != "consent.error.changed" {
			t.Errorf("an old text is confirmed: %v", err)
		}
		f.Must(f.Consents.Read(ctx, f.As("member"), "da", "d2"))
		told, err := f.Consents.Inform(ctx, f.As("anna"), gentofte)
		f.Must(err)
		o, err := f.Consents.Overview(ctx, f.As("officer"), gentofte)
		f.Must(err)
		if told != o.Members-1 || !o.Not.IsEmpty() || int(o.Current.GetCardinality()) != o.Members || due() {
			t.Errorf("told %d of %d, %v are not", told, o.Members, o.Not)
		}
		if o.Answers[0].Code != "open-page" || o.Answers[0].Yes != 1 || o.Answers[0].Back != 1 {
			t.Errorf("counted %+v", o.Answers)
		}
		all, err := f.Consents.Overview(ctx, f.As("anna"), f.Bodies["party"])
		f.Must(err)
		below, found, err := f.Consents.Below(ctx, f.As("anna"), f.Bodies["party"], 0, 1)
		f.Must(err)
		if len(below) != 1 || found < 2 || all.Answers[0].Yes < 1 {
			t.Errorf("from above: %+v of %d bodies, answers %+v", below, found, all.Answers)
		}
		for page := 0; page < found; page++ {
			one, _, err := f.Consents.Below(ctx, f.As("anna"), f.Bodies["party"], page, 1)
			f.Must(err)
			if one[0].Body == gentofte && (one[0].Members != o.Members || !one[0].Current.Equals(o.Current)) {
				t.Errorf("from above the body has %+v, by itself %+v", one[0], o.Standing)
			}
		}
		if _, _, err := f.Consents.Below(ctx, f.As("member"), f.Bodies["party"], 0, 1); err == nil {
			t.Error("a member counts bodies")
		}
		if again, err := f.Consents.Inform(ctx, f.As("anna"), gentofte); err != nil || again != 0 {
			t.Errorf("told twice: %d %v", again, err)
		}
	})
}
