package extract_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

func wish(purpose string) extract.Wish {
	return extract.Wish{Purpose: purpose, Format: extract.CSV, Lang: "da"}
}

func refused(t *testing.T, what string, err error, code fault.Code, key string) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Code != code || f.Key != key {
		t.Errorf("%s: got %v, want %s", what, err, key)
	}
}

// refusedField checks a refusal of one field of a wish.
func refusedField(t *testing.T, what string, err error, field, key string) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Code != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != field || f.Fields[0].Key != key {
		t.Errorf("%s: got %v, want %s: %s", what, err, field, key)
	}
}

// pull takes a list out and reads its file.
func pull(t *testing.T, f *housetest.Fixture, who string, w extract.Wish) (extract.List, table) {
	t.Helper()
	d, err := f.Extracts.Pull(f.Context(), f.As(who), w)
	f.Must(err)
	return d.List, deliver(t, f, d)
}

func deliver(t *testing.T, f *housetest.Fixture, d *extract.Delivery) table {
	t.Helper()
	var file bytes.Buffer
	f.Must(d.Write(f.Context(), &file))
	return read(t, file.Bytes())
}

// table is a CSV file as a program that is not Kartotek reads it.
type table struct {
	headings []string
	rows     [][]string
}

func read(t *testing.T, file []byte) table {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))))
	r.Comma = ';'
	if first, _, _ := bytes.Cut(file, []byte("\n")); !bytes.Contains(first, []byte(";")) {
		r.Comma = ','
	}
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return table{rows[0], rows[1:]}
}

// row finds the row with a cell.
func (x table) row(cell string) map[string]string {
	for _, row := range x.rows {
		if slices.Contains(row, cell) {
			named := map[string]string{}
			for i, heading := range x.headings {
				named[heading] = row[i]
			}
			return named
		}
	}
	return nil
}

// count says how many entries of an act there are in all.
func count(f *housetest.Fixture, act journal.Act) int {
	_, err := f.Journal.Checkpoint(f.Context()) // PostgreSQL sequences what waits
	f.Must(err)
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: act}, journal.Page{Limit: 1000})
	f.Must(err)
	return len(found.Lines)
}

// duties are the open duties somebody has to destroy lists.
func duties(f *housetest.Fixture, who string) []duty.Duty {
	open, err := f.Duties.Open(f.Context(), duty.Responsible{Person: f.Person(who)})
	f.Must(err)
	return slices.DeleteFunc(open, func(d duty.Duty) bool { return d.Kind != duty.DestroyList })
}

// L8: purpose first; without one there is no list.
func TestL8PurposeFirst(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		for _, purpose := range []string{"", "curiosity"} {
			_, err := f.Extracts.Prepare(ctx, f.As("chair"), wish(purpose))
			refusedField(t, "prepare "+purpose, err, "purpose", "extract.error.purpose")
			_, err = f.Extracts.Pull(ctx, f.As("chair"), wish(purpose))
			refusedField(t, "pull "+purpose, err, "purpose", "extract.error.purpose")
		}
		w := wish("newsletter")
		w.Format = "xls"
		_, err := f.Extracts.Pull(ctx, f.As("chair"), w)
		refusedField(t, "another format", err, "format", "extract.error.format")
		if n := count(f, journal.List); n != 0 {
			t.Errorf("%d lists are journaled", n)
		}
	})
}

// D2, D8, D11, D13: who may pull, and whom.
func TestD2D11WhoPullsWhom(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		f.Employ("ida", "it", member.Draft{Values: map[string]string{"given": "Ida", "family": "Itsgaard"}})
		for _, who := range []string{"member", "regional chair", "ida"} {
			before := count(f, journal.Denied)
			if _, err := f.Extracts.Pull(ctx, f.As(who), wish("administration")); !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", who, err)
			}
			if count(f, journal.Denied) != before+1 {
				t.Errorf("%s: the denial is not journaled", who)
			}
		}
		in := func(body string) (n int) {
			for _, role := range housetest.Cast {
				if role.Body != "" && (body == "" || role.Body == body) {
					n++
				}
			}
			return n
		}
		for _, c := range []struct {
			who, unit string
			members   int
		}{
			{"chair", "", in("gentofte")}, {"officer", "gentofte", in("gentofte")}, {"treasurer", "", in("gentofte")},
			{"other chair", "", in("lyngby")},
			{"anna", "", in("")}, {"dorte", "party", in("")}, {"anna", "north", in("gentofte") + in("lyngby")}, {"bo", "odense", in("odense")},
		} {
			w := wish("meeting-notice")
			if c.unit != "" {
				w.Unit = f.Bodies[c.unit]
			}
			list, file := pull(t, f, c.who, w)
			if list.Members != c.members || len(file.rows) != c.members || list.Recipient != f.Person(c.who) {
				t.Errorf("%s of %q: %d in the register, %d in the file, want %d", c.who, c.unit, list.Members, len(file.rows), c.members)
			}
		}
		w := wish("meeting-notice")
		w.Unit = f.Bodies["lyngby"]
		_, err := f.Extracts.Pull(ctx, f.As("chair"), w)
		refused(t, "another association", err, fault.Denied, "access.denied.body")
	})
}

// L8: only the purpose's fields, in both languages, whatever the register has.
func TestL8OnlyThePurposesFields(t *testing.T) {
	f := housetest.New(t)
	for i := range f.Charter.Purposes {
		purpose := &f.Charter.Purposes[i]
		for _, lang := range []string{"da", "en"} {
			var fields, headings []string
			for j := range f.Charter.Fields {
				if field := &f.Charter.Fields[j]; field.List && slices.Contains(purpose.Fields, field.Code) {
					fields, headings = append(fields, field.Code), append(headings, field.Name.In(lang))
				}
			}
			slip, err := f.Extracts.Prepare(f.Context(), f.As("anna"), wish(purpose.Code))
			f.Must(err)
			var on, left []string
			for _, field := range slip.Fields {
				on = append(on, field.Code)
			}
			for _, field := range slip.Left {
				left = append(left, field.Code)
			}
			if !slices.Equal(on, fields) || slices.ContainsFunc(left, func(code string) bool { return slices.Contains(fields, code) }) {
				t.Errorf("%s: on %v, left %v", purpose.Code, on, left)
			}
			w := wish(purpose.Code)
			w.Lang = lang
			list, file := pull(t, f, "anna", w)
			if !slices.Equal(list.Fields, fields) || !slices.Equal(file.headings[:len(fields)], headings) || len(file.headings) != len(fields)+3 {
				t.Errorf("%s: %v, headings %v", purpose.Code, list.Fields, file.headings)
			}
			all := strings.Join(slices.Concat(file.rows...), "|")
			for code, value := range map[string]string{"address": "Bregnebjerglundvej", "email": "soeren.quistorff", "mobile": "4741234567", "family": "Quistorff", "number": f.Number["member"]} {
				if strings.Contains(all, value) != slices.Contains(fields, code) {
					t.Errorf("%s: %s is in the file: %v", purpose.Code, code, !slices.Contains(fields, code))
				}
			}
			if strings.Contains(all, "1961") {
				t.Errorf("%s: the birth date is in the file", purpose.Code)
			}
			// Every line tells the list, its recipient and its last day.
			for _, row := range file.rows {
				tail := row[len(fields):]
				if tail[0] != strconv.FormatInt(list.Number, 10) || tail[1] != "Anna Ankerstjerne" || tail[2] != list.DestroyBy.String() {
					t.Fatalf("%s: a line ends in %q", purpose.Code, tail)
				}
			}
		}
	}
}

// L8: who objected to that purpose or is restricted is left out, secret
// addresses are covered unless letters go out; statutory notices reach everybody.
func TestL8WhoIsLeftOutAndWhatIsCovered(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		self := f.Scope("member", access.Want{Self: true})
		f.Must(f.Members.SetObjection(ctx, self, f.Person("member"), "newsletter", true))
		f.Must(f.Members.Restrict(ctx, f.Scope("officer", access.Want{Act: charter.Edit}), f.Person("neighbour"), true))
		on := func(purpose string) (listed, objects, restricted bool) {
			t.Helper()
			slip, err := f.Extracts.Prepare(ctx, f.As("chair"), wish(purpose))
			f.Must(err)
			list, file := pull(t, f, "chair", wish(purpose))
			if list.Members != len(file.rows) || slip.Members != list.Members || slip.Within != slip.Members+slip.Objected+slip.Stopped {
				t.Errorf("%s: the slip %+v, the list %d, the file %d", purpose, slip, list.Members, len(file.rows))
			}
			persons, err := f.Journal.Persons(ctx, list.Entry)
			f.Must(err)
			if int(persons.GetCardinality()) != list.Members || persons.Contains(uint32(f.Person("member"))) != (file.row("Østergård-Quistorff") != nil) {
				t.Errorf("%s: the journal has others than the file", purpose)
			}
			return persons.Contains(uint32(f.Person("member"))), slip.Objected == 1, slip.Stopped == 1 && !persons.Contains(uint32(f.Person("neighbour")))
		}
		for _, c := range []struct {
			purpose          string
			listed, objected bool
		}{{"newsletter", false, true}, {"invitation", true, false}, {"meeting-notice", true, false}, {"administration", true, false}} {
			listed, objected, restricted := on(c.purpose)
			if listed != c.listed || objected != c.objected || !restricted {
				t.Errorf("%s: listed %v, objected %v, restricted left out %v", c.purpose, listed, objected, restricted)
			}
		}
		refused(t, "objecting to a statutory notice", f.Members.SetObjection(ctx, self, f.Person("member"), "meeting-notice", true), fault.Invalid, "member.error.invalid")

		address, _ := f.Charter.Field("address")
		for i := range f.Charter.Purposes {
			purpose := &f.Charter.Purposes[i]
			if !slices.Contains(purpose.Fields, "address") {
				continue
			}
			slip, err := f.Extracts.Prepare(ctx, f.As("chair"), wish(purpose.Code))
			f.Must(err)
			_, file := pull(t, f, "chair", wish(purpose.Code))
			row := file.row("Skjult")
			if covered := row[address.Name.In("da")] == ""; covered == purpose.Posts || (slip.Covered == 1) != covered {
				t.Errorf("%s: %v, covered %d", purpose.Code, row, slip.Covered)
			}
			if purpose.Posts {
				continue
			}
			if all := strings.Join(slices.Concat(file.rows...), "|"); strings.Contains(all, "Hemmeligvej") {
				t.Errorf("%s: the secret address is in the file", purpose.Code)
			}
			if row["Postnummer"] != "" || row["By"] != "" {
				t.Errorf("%s: where it is can be guessed: %v", purpose.Code, row)
			}
		}
	})
}

// D12: journal entry, list and duty are durable before a byte leaves; whether
// the file is ever written makes no difference.
func TestD12TheDutyStandsBeforeAByteLeaves(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		d, err := f.Extracts.Pull(ctx, f.As("chair"), wish("administration"))
		f.Must(err)
		want := d.List
		f.Reopen() // the program stopped before the first byte
		check := func() {
			t.Helper()
			mine, err := f.Extracts.Mine(ctx, f.As("chair"))
			f.Must(err)
			if len(mine) != 1 || mine[0].Number != want.Number || mine[0].Members != want.Members || mine[0].StateOn(f.Access.Today()) != extract.Out {
				t.Fatalf("%+v", mine)
			}
			if open := duties(f, "chair"); len(open) != 1 || open[0].Subject != want.Number || open[0].DueOn != want.DestroyBy || open[0].Unit != f.Bodies["gentofte"] {
				t.Fatalf("%+v", open)
			}
			line, err := f.Journal.Entry(ctx, want.Entry)
			f.Must(err)
			if line.Act != journal.List || line.Number != want.Number || line.Count != want.Members || line.Purpose != "administration" ||
				!slices.Equal(line.Fields, want.Fields) || line.Post != "chair" || line.Actor != uint32(f.Person("chair")) {
				t.Errorf("%+v", line)
			}
			lists, err := f.Extracts.With(ctx, f.Scope("member", access.Want{Self: true}))
			f.Must(err)
			if len(lists) != 1 || lists[0].Number != want.Number {
				t.Errorf("the member is on %+v", lists)
			}
		}
		check()
		// A delivery writes once: a second copy is a second list.
		d, err = f.Extracts.Pull(ctx, f.As("officer"), wish("administration"))
		f.Must(err)
		deliver(t, f, d)
		if err := d.Write(ctx, &bytes.Buffer{}); err == nil {
			t.Error("written twice")
		}
		if d.List.Number != want.Number+1 {
			t.Errorf("list %d after %d", d.List.Number, want.Number)
		}
		name := d.FileName()
		if !strings.Contains(name, strconv.FormatInt(d.List.Number, 10)) || !strings.Contains(name, d.List.DestroyBy.String()) || !strings.HasSuffix(name, ".csv") {
			t.Errorf("the file is called %s", name)
		}
		if _, err := f.Extracts.With(ctx, f.Scope("anna", access.Want{Act: charter.View})); !fault.Is(err, fault.Denied) {
			t.Errorf("somebody else's lists: %v", err)
		}
	})
}

// Whoever is closed, erased, restricted or moved away between pulling and
// writing is left out of the file.
func TestD7WhoLeavesMeanwhileIsNotInTheFile(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		d, err := f.Extracts.Pull(ctx, f.As("chair"), wish("administration"))
		f.Must(err)
		for _, name := range []string{"member", "secret"} {
			_, err = f.Departures.Close(ctx, f.As("anna"), f.Person(name), "resignation", true)
			f.Must(err)
		}
		_, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person("member"))
		f.Must(err)
		f.Must(f.Members.Restrict(ctx, f.Scope("officer", access.Want{Act: charter.Edit}), f.Person("neighbour"), true))
		f.Must(f.Members.Move(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("treasurer"), f.Bodies["gentofte"], f.Bodies["odense"]))
		file := deliver(t, f, d)
		if len(file.rows) != d.List.Members-4 {
			t.Errorf("%d of %d are in the file", len(file.rows), d.List.Members)
		}
		for _, family := range []string{"Østergård-Quistorff", "Skjult", "Nabogaard", "Kassemand"} {
			if file.row(family) != nil {
				t.Errorf("%s is in the file", family)
			}
		}
		// The register still knows that the list was out for the one who is erased.
		lists, err := f.Extracts.Outstanding(ctx, f.Person("member"))
		if err != nil || len(lists) != 1 || lists[0].Number != d.List.Number {
			t.Errorf("%+v %v", lists, err)
		}
	})
}

// D12: the day can be sooner than the latest, never later.
func TestD12TheLatestDay(t *testing.T) {
	f := housetest.New(t)
	ctx, today := f.Context(), f.Access.Today()
	for i := range f.Charter.Purposes {
		purpose := &f.Charter.Purposes[i]
		latest := today.AddDays(f.Charter.ListDaysFor(purpose))
		if latest.After(today.AddDays(30)) {
			t.Errorf("%s: a list may live until %s", purpose.Code, latest)
		}
		slip, err := f.Extracts.Prepare(ctx, f.As("chair"), wish(purpose.Code))
		f.Must(err)
		if slip.Latest != latest {
			t.Errorf("%s: %s is announced, not %s", purpose.Code, slip.Latest, latest)
		}
		for _, c := range []struct {
			by, want civil.Date
			key      string
		}{
			{civil.Date{}, latest, ""}, {latest, latest, ""}, {today.AddDays(3), today.AddDays(3), ""}, {today, today, ""},
			{latest.AddDays(1), civil.Date{}, "extract.error.by_late"},
			{today.AddDays(-1), civil.Date{}, "extract.error.by_past"},
			{civil.Date{Year: 2026, Month: 2, Day: 30}, civil.Date{}, "extract.error.by_past"},
		} {
			w := wish(purpose.Code)
			w.DestroyBy = c.by
			d, err := f.Extracts.Pull(ctx, f.As("chair"), w)
			if c.key != "" {
				refusedField(t, purpose.Code+" until "+c.by.String(), err, "by", c.key)
				continue
			}
			f.Must(err)
			if d.List.DestroyBy != c.want {
				t.Errorf("%s until %s: %s", purpose.Code, c.by, d.List.DestroyBy)
			}
		}
	}
}

// D12: file and paper are attested separately, by the recipient alone; with
// both the duty is done.
func TestD12Attest(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		list, _ := pull(t, f, "chair", wish("newsletter"))
		for _, who := range []string{"officer", "anna", "member"} {
			_, err := f.Extracts.Attest(ctx, f.As(who), list.Number, extract.Digital)
			refused(t, who, err, fault.NotFound, "extract.error.none")
		}
		_, err := f.Extracts.Attest(ctx, f.As("chair"), 99, extract.Digital)
		refused(t, "no list", err, fault.NotFound, "extract.error.none")
		_, err = f.Extracts.Attest(ctx, f.As("chair"), list.Number, "vinyl")
		refused(t, "no medium", err, fault.Invalid, "extract.error.medium")

		after, err := f.Extracts.Attest(ctx, f.As("chair"), list.Number, extract.Physical)
		f.Must(err)
		if after.Destroyed() || !after.DigitalAt.IsZero() || !after.PhysicalAt.Equal(f.Clock.Now()) || len(duties(f, "chair")) != 1 {
			t.Errorf("%+v", after)
		}
		f.Clock.Add(time.Hour)
		again, err := f.Extracts.Attest(ctx, f.As("chair"), list.Number, extract.Physical)
		if err != nil || !again.PhysicalAt.Equal(after.PhysicalAt) {
			t.Errorf("attested again: %+v, %v", again, err)
		}
		f.Reopen()
		after, err = f.Extracts.Attest(ctx, f.As("chair"), list.Number, extract.Digital)
		f.Must(err)
		if !after.Destroyed() || after.StateOn(f.Access.Today().AddDays(400)) != extract.Destroyed || len(duties(f, "chair")) != 0 || after.AttestedBy != f.Person("chair") {
			t.Errorf("%+v, duties %+v", after, duties(f, "chair"))
		}
		if n := count(f, journal.Attest); n != 3 {
			t.Errorf("%d attestations are journaled", n)
		}
		if out, err := f.Extracts.Outstanding(ctx, f.Person("member")); err != nil || len(out) != 0 {
			t.Errorf("outstanding: %+v, %v", out, err)
		}
	})
}

// D12, D14: what is overdue, and who is told.
func TestD12Overdue(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		soon := wish("administration")
		soon.DestroyBy = f.Access.Today().AddDays(2)
		first, _ := pull(t, f, "chair", soon)
		second, _ := pull(t, f, "other chair", soon)
		third, _ := pull(t, f, "chair", wish("administration"))
		overdue := func(who string) (numbers []int64) {
			all, err := f.Extracts.Overdue(ctx, f.Scope(who, access.Want{Act: charter.Access}))
			f.Must(err)
			for _, l := range all {
				numbers = append(numbers, l.Number)
			}
			return numbers
		}
		f.Clock.Add(48 * time.Hour) // the last day itself
		if got := overdue("anna"); len(got) != 0 {
			t.Errorf("on the day: %v", got)
		}
		f.Clock.Add(24 * time.Hour)
		for _, c := range []struct {
			who  string
			want []int64
		}{{"anna", []int64{first.Number, second.Number}}, {"chair", []int64{first.Number}}, {"other chair", []int64{second.Number}}} {
			if got := overdue(c.who); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.who, got, c.want)
			}
		}
		if _, err := f.Extracts.Overdue(ctx, f.Scope("anna", access.Want{Act: charter.View})); !fault.Is(err, fault.Denied) {
			t.Errorf("under another act: %v", err)
		}
		for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
			_, err := f.Extracts.Attest(ctx, f.As("chair"), first.Number, medium)
			f.Must(err)
		}
		if got := overdue("anna"); !slices.Equal(got, []int64{second.Number}) {
			t.Errorf("after attesting: %v", got)
		}
		mine, err := f.Extracts.Mine(ctx, f.As("chair"))
		if err != nil || len(mine) != 2 || mine[0].Number != third.Number || mine[1].Number != first.Number {
			t.Errorf("%+v, %v", mine, err)
		}
	})
}

// The set that was journaled and the file are of the same moment and Scope: a
// Scope for another act delivers nothing.
func TestL8TheFileNeedsItsScope(t *testing.T) {
	f := housetest.New(t)
	view := f.Scope("anna", access.Want{Act: charter.View})
	everybody := f.Members.Select(f.Scope("anna", access.Want{Act: charter.Pull}))
	for _, scope := range []access.Scope{{}, view} {
		err := f.Members.Export(f.Context(), scope, everybody, func(*member.Row) error {
			t.Error("a row")
			return nil
		})
		if !fault.Is(err, fault.Denied) {
			t.Error(err)
		}
	}
	var got []vault.PersonID
	f.Must(f.Members.Export(f.Context(), f.Scope("chair", access.Want{Act: charter.Pull}), everybody, func(r *member.Row) error {
		got = append(got, r.Person)
		return nil
	}))
	for _, person := range got {
		if !f.Members.Belongs(person, f.Bodies["gentofte"]) {
			t.Errorf("person %d is exported to the chair", person)
		}
	}
}
