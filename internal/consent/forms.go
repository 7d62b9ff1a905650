package consent

import (
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

var (
	// Informings are records of whoever was informed.
	Informings = record.Declare(record.Kind[Informed]{
		Number: 105, Name: "informing", Class: vault.Membership, Retention: "membership",
		Encode: encodeInformed, Decode: decodeInformed, Words: informedWords,
	})

	// Consents are records of whoever gave them.
	Consents = record.Declare(record.Kind[Consent]{
		Number: 106, Name: "consent", Class: vault.Membership, Retention: "consent",
		Encode: encodeConsent, Decode: decodeConsent, Words: consentWords,
	})

	// Disclosures are consents to recipients outside the legal body from before they
	// were asked in the same place; they are read and withdrawn like any other.
	Disclosures = record.Declare(record.Kind[Consent]{
		Number: 89, Name: "disclosure-consent", Class: vault.Membership, Retention: "consent",
		Encode: encodeDisclosure, Decode: decodeDisclosure, Words: consentWords,
	})
)

func encodeConsent(dst []byte, c *Consent) []byte {
	w := record.Writer{Bytes: dst}
	w.String(1, c.Code).Strings(2, c.Purposes).String(3, c.Asked).String(4, c.Hash).String(5, c.Lang).
		Uint(6, uint64(c.Version.Unit)).Uint(7, uint64(c.Version.Number)).String(8, c.Version.Hash).Time(9, c.EndsAt)
	w.Time(10, c.GivenAt).Uint(11, uint64(c.GivenBy)).String(12, c.How).String(13, c.Known).String(14, c.Paper).Uint(15, c.Line)
	return w.Time(16, c.AgainAt).Time(17, c.RenewedAt).
		Time(18, c.WithdrawnAt).Uint(19, uint64(c.WithdrawnBy)).String(20, c.WithdrawnHow).Time(21, c.ToldAt).Bytes
}

func decodeConsent(src []byte, c *Consent) error {
	*c = Consent{}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			c.Code = r.String()
		case 2:
			c.Purposes = append(c.Purposes, r.String())
		case 3:
			c.Asked = r.String()
		case 4:
			c.Hash = r.String()
		case 5:
			c.Lang = r.String()
		case 6:
			c.Version.Unit = unit.ID(r.Uint())
		case 7:
			c.Version.Number = int64(r.Uint())
		case 8:
			c.Version.Hash = r.String()
		case 9:
			c.EndsAt = r.Time()
		case 10:
			c.GivenAt = r.Time()
		case 11:
			c.GivenBy = vault.PersonID(r.Uint())
		case 12:
			c.How = r.String()
		case 13:
			c.Known = r.String()
		case 14:
			c.Paper = r.String()
		case 15:
			c.Line = r.Uint()
		case 16:
			c.AgainAt = r.Time()
		case 17:
			c.RenewedAt = r.Time()
		case 18:
			c.WithdrawnAt = r.Time()
		case 19:
			c.WithdrawnBy = vault.PersonID(r.Uint())
		case 20:
			c.WithdrawnHow = r.String()
		case 21:
			c.ToldAt = r.Time()
		}
	}
	return r.Err()
}

// The older form knew a kind of recipient where the newer one knows a code, and "page"
// where it says "web".
const oldPage = "page"

func encodeDisclosure(dst []byte, c *Consent) []byte {
	w := record.Writer{Bytes: dst}
	old := func(how string) string {
		if how == ByWeb {
			return oldPage
		}
		return how
	}
	return w.String(1, recipient(c.Code)).Strings(2, c.Purposes).Time(3, c.GivenAt).Uint(4, uint64(c.GivenBy)).String(5, old(c.How)).String(6, c.Paper).
		Time(7, c.WithdrawnAt).Uint(8, uint64(c.WithdrawnBy)).String(9, old(c.WithdrawnHow)).String(10, c.Asked).
		Time(11, c.AgainAt).Time(12, c.RenewedAt).Time(13, c.ToldAt).Bytes
}

func decodeDisclosure(src []byte, c *Consent) error {
	*c = Consent{}
	now := func(how string) string {
		if how == oldPage {
			return ByWeb
		}
		return how
	}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			c.Code = charter.DisclosureCode(r.String())
		case 2:
			c.Purposes = append(c.Purposes, r.String())
		case 3:
			c.GivenAt = r.Time()
		case 4:
			c.GivenBy = vault.PersonID(r.Uint())
		case 5:
			c.How = now(r.String())
		case 6:
			c.Paper = r.String()
		case 7:
			c.WithdrawnAt = r.Time()
		case 8:
			c.WithdrawnBy = vault.PersonID(r.Uint())
		case 9:
			c.WithdrawnHow = now(r.String())
		case 10:
			c.Asked = r.String()
		case 11:
			c.AgainAt = r.Time()
		case 12:
			c.RenewedAt = r.Time()
		case 13:
			c.ToldAt = r.Time()
		}
	}
	return r.Err()
}

// recipient is the kind of recipient a disclosure's code names.
func recipient(code string) string { return code[min(len(charter.DisclosureCode("")), len(code)):] }

// consentWords are what the member is told (GDPR Art. 15).
func consentWords(c *Consent) []record.Line {
	lines := []record.Line{
		{Key: "consent.record.asked", Value: c.Asked},
		{Key: "consent.record.given", Value: c.GivenAt.Format(time.DateOnly)},
		{Key: "consent.record.how", ValueKey: "consent.how." + c.How},
	}
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, record.Line{Key: key, Value: value})
		}
	}
	if c.Known != "" {
		lines = append(lines, record.Line{Key: "consent.record.known", ValueKey: "consent.known." + c.Known})
	}
	add("consent.record.paper", c.Paper)
	add("consent.record.sum", c.Hash)
	if !c.AgainAt.IsZero() {
		add("consent.record.again", c.AgainAt.Format(time.DateOnly))
	}
	if !c.WithdrawnAt.IsZero() {
		add("consent.record.withdrawn", c.WithdrawnAt.Format(time.DateOnly))
	}
	return lines
}

func encodeInformed(dst []byte, i *Informed) []byte {
	w := record.Writer{Bytes: dst}
	return w.Uint(1, uint64(i.Version.Unit)).Uint(2, uint64(i.Version.Number)).String(3, i.Version.Hash).Time(4, i.At).
		String(5, i.Lang).String(6, i.How).Uint(7, uint64(i.By)).Uint(8, i.Line).Bytes
}

func decodeInformed(src []byte, i *Informed) error {
	*i = Informed{}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			i.Version.Unit = unit.ID(r.Uint())
		case 2:
			i.Version.Number = int64(r.Uint())
		case 3:
			i.Version.Hash = r.String()
		case 4:
			i.At = r.Time()
		case 5:
			i.Lang = r.String()
		case 6:
			i.How = r.String()
		case 7:
			i.By = vault.PersonID(r.Uint())
		case 8:
			i.Line = r.Uint()
		}
	}
	return r.Err()
}

func informedWords(i *Informed) []record.Line {
	return []record.Line{
		{Key: "consent.record.informed", Value: i.At.Format(time.DateOnly)},
		{Key: "consent.record.how", ValueKey: "consent.how." + i.How},
		{Key: "consent.record.sum", Value: i.Version.Hash},
	}
}
