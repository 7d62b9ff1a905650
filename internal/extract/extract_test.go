package extract_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

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
			if !slices.Equal(list.Fields, fields) || !slices.Equal(file.headings[:len(fields)], headings) || len(file.headings) != len(fields)+4 {
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
			if list.Members != len(file.rows) || slip.Members != list.Members || slip.Within != slip.Members+slip.Objected+slip.Stopped+slip.LeftOut {
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
