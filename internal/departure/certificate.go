package departure

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"kartotek/internal/locale"
	"kartotek/internal/record"
)

// Certificate says what was erased, what is kept and why, and what Kartotek
// cannot reach. It names the person only on the copy that is handed over; the
// register keeps its number and a salted hash.
type Certificate struct {
	Number   string
	ClosedAt time.Time
	ErasedAt time.Time
	Gone     []Gone
	Kept     []Kept // what law keeps, the nearest end first (L7)
	Lists    []Held // lists on which the person stands and that are not yet destroyed
	Salt     string // on the copy only; without it nobody can guess what the hash is of
}

// Gone is how many records of one kind were erased.
type Gone struct {
	Kind  string // the kind's name; its words are record.kind.<name>
	Count int
}

var numbering = base32.NewEncoding("ABCDEFGHJKMNPQRSTVWXYZ0123456789").WithPadding(base32.NoPadding)

// newNumber draws a certificate's number: 60 random bits, in groups that can
// be read aloud.
func newNumber() string { return "K-" + drawn() }

func drawn() string {
	var b [8]byte
	rand.Read(b[:])
	s := numbering.EncodeToString(b[:])[:12]
	return s[:4] + "-" + s[4:8] + "-" + s[8:12]
}

// unknownKind stands for records that only another version of the program reads.
const unknownKind = "unknown"

// count enters what is gone.
func (c *Certificate) count(all []record.Tally) {
	for _, t := range all {
		name := t.Kind.Name
		if name == "" {
			name = unknownKind
		}
		c.Gone = append(c.Gone, Gone{Kind: name, Count: t.Count})
	}
}

// Text is the certificate in the person's language.
func (c *Certificate) Text(p *locale.Printer, association string, zone *time.Location) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s %s", p.T("departure.certificate.title"), c.Number)
	line("%s\n", association)
	line("%s", p.T("departure.certificate.closed", "at", p.DateTime(c.ClosedAt, zone)))
	line("%s\n", p.T("departure.certificate.erased", "at", p.DateTime(c.ErasedAt, zone)))
	line("%s", p.T("departure.certificate.gone"))
	for _, g := range c.Gone {
		line("- %s: %s", p.T("record.kind."+g.Kind), p.Number(g.Count))
	}
	line("\n%s", p.T("departure.certificate.keys"))
	if len(c.Kept) == 0 {
		line("%s", p.T("departure.certificate.kept_nothing"))
	} else {
		line("\n%s", p.T("departure.certificate.kept"))
		for i := range c.Kept {
			line("- %s", c.Kept[i].Text(p))
		}
	}
	if len(c.Lists) > 0 {
		line("\n%s", p.T("departure.certificate.lists"))
		for _, l := range c.Lists {
			line("- %s", p.T("departure.certificate.list", "number", l.Number, "by", p.Date(l.DestroyBy)))
		}
	}
	line("\n%s", p.T("departure.certificate.beyond"))
	line("%s", p.T("departure.certificate.salt", "salt", c.Salt))
	return b.String()
}

// hash is what the register keeps of it.
func (c *Certificate) hash() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "kartotek certificate\x00%s\x00%s\x00%d\x00%d\x00", c.Number, c.Salt, c.ClosedAt.UnixMicro(), c.ErasedAt.UnixMicro())
	for _, g := range c.Gone {
		fmt.Fprintf(h, "%s\x00%d\x00", g.Kind, g.Count)
	}
	for _, l := range c.Lists {
		fmt.Fprintf(h, "%d\x00%s\x00", l.Number, l.DestroyBy)
	}
	for i := range c.Kept {
		fmt.Fprintf(h, "kept\x00%d\x00%s\x00%d\x00", c.Kept[i].Unit, c.Kept[i].Until, c.Kept[i].Count)
	}
	return h.Sum(nil)
}
