package trace_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/trace"
)

var (
	members = flag.Int("members", 20_000, "members of the register a file is traced in")
	lists   = flag.Int("lists", 500, "lists on record")
	rows    = flag.Int("rows", 5_000, "rows of the file")
)

// onRecord are the lists of the benchmark, which nobody pulled one by one.
type onRecord []trace.List

func (l onRecord) Recorded(context.Context, access.Scope) ([]trace.List, error) { return l, nil }

// BenchmarkTrace traces a file of names and e-mails, and one of names and birth dates
// alone, against lists of a thousand members each, scattered over the whole register,
// and now and then one of everybody:
//
//	go test -run '^$' -bench Trace -benchtime 1x ./internal/trace -members 1000000 -lists 10000
func BenchmarkTrace(b *testing.B) {
	f := housetest.New(b)
	ctx, random := f.Context(), rand.New(rand.NewPCG(1, 2))
	given := strings.Fields("Anna Bo Carla Ditlev Ellen Frode Grethe Henrik Inga Jens Karen Lars Mette Niels Oda Per Rita Sten Tove Ulrik Vera Willy Yrsa Zita Åse")
	family := strings.Fields("Ager Berg Dal Eg Fisker Gran Holm Iversen Juhl Krog Lund Munk Nør Olsen Pil Ravn Skov Toft Udsen Vang Winther Åby")
	var sheet strings.Builder
	line := func(n int) (name, mail, birth string) {
		name = given[n%len(given)] + " " + given[n/7%len(given)] + ";" + family[n/25%len(family)] + strings.ToLower(family[n/550%len(family)])
		return name, fmt.Sprintf("p%d@example.dk", n), fmt.Sprintf("%02d-%02d-%d", 1+n%28, 1+n/28%12, 1940+n/336%60)
	}
	sheet.WriteString("Fornavn;Efternavn;E-mail;Født\n")
	for n := range *members {
		name, mail, birth := line(n)
		fmt.Fprintf(&sheet, "%s;%s;%s\n", name, mail, birth)
	}
	before := f.Members.Total()
	r, err := f.Members.Import(ctx, f.Scope("anna", access.Want{Act: charter.Import}), strings.NewReader(sheet.String()), member.Options{Unit: f.Bodies["gentofte"]}, nil)
	f.Must(err)
	if r.Created != *members {
		b.Fatalf("%d created of %d, %v", r.Created, *members, r.Reasons)
	}
	first := uint32(f.Members.Total() - *members + 1)
	if before >= int(first) {
		b.Fatal("ids do not follow each other")
	}
	record := make(onRecord, 0, *lists)
	for from := 0; from < *lists; from += 200 {
		f.Must(f.DB.Write(ctx, func(tx *database.Tx) error {
			for n := from; n < min(from+200, *lists); n++ {
				set := roaring.New()
				switch {
				case n == 7: // the one that is found
					for i := range *rows {
						set.Add(first + uint32(i*(*members / *rows)))
					}
				case n%100 == 0:
					set.AddRange(uint64(first), uint64(first)+uint64(*members))
				default:
					for range 1000 {
						set.Add(first + random.Uint32N(uint32(*members)))
					}
				}
				entry, err := f.Journal.Append(tx, &journal.Entry{Act: journal.List, Number: int64(n + 1), Persons: set})
				if err != nil {
					return err
				}
				record = append(record, trace.List{Number: int64(n + 1), Entry: entry, Members: int(set.GetCardinality()), Fields: []string{"given", "family", "email", "birth"}, PulledAt: tx.Now()})
			}
			return nil
		}))
	}
	traces := trace.New(trace.Parts{Charter: f.Charter, Access: f.Access, Directory: f.Members, Journal: f.Journal, Lists: record, Prints: f.Keyring})
	for _, kind := range []string{"mail", "birth"} {
		var file strings.Builder
		for i := range *rows {
			name, mail, birth := line(i * (*members / *rows))
			if kind == "mail" {
				birth = mail
			}
			fmt.Fprintf(&file, "%s;%s\n", strings.ToUpper(name), birth)
		}
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				start := time.Now()
				r, err := traces.Trace(ctx, f.As("anna"), trace.File{Content: strings.NewReader(file.String()), Size: int64(file.Len())})
				f.Must(err)
				if len(r.Together) != 1 || r.Together[0] != 8 {
					b.Fatalf("lists %v, %d persons of %d rows, %d several", r.Together, r.Persons, r.Rows, r.Several)
				}
				b.ReportMetric(time.Since(start).Seconds(), "s/file")
				b.ReportMetric(float64(r.Persons), "persons")
			}
		})
	}
}
