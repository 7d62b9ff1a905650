package member

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const members501 = `Medlemsnr;Fornavn;Efternavn;Født;CPR;E-mail;Mobil;Postnr;By;Forening;Skostørrelse
501;ANNA;ØSTERGÅRD;3.9.1989;030989-1234;Anna@Example.dk;10 26 47 95;DK-2100;KØBENHAVN Ø;nord;37
502;Bo;Bang;;0101901234;;;;;;
503;010190-1234;Bech;;;;;;;nord;
504;Barn;Bech;1.1.2020;;barn@example.dk;;;;nord;
505;Carl;Carlsen;;;carl@;12;;;nord;
506;Dorte;Dahl;;;;;;;ukendt;
501;Anna;Igen;;;;;;;nord;
507;Erik;Eg;;010190-1234;;;;;syd;42
`

func importAll(h *house, text string, o Options) *Result {
	h.t.Helper()
	return got(h.directory.Import(context.Background(), h.may(charter.Import), strings.NewReader(text), o, nil))(h.t)
}

func (h *house) byNumber(number string) vault.PersonID {
	h.t.Helper()
	return got(h.directory.ByNumber(context.Background(), h.may(charter.View), number))(h.t)
}

func TestD1Import(t *testing.T) {
	onBoth(t, func(h *house) {
		var out bytes.Buffer
		r := importAll(h, members501, Options{Lang: "da", Refused: &out})
		if r.Rows != 8 || r.Created != 3 || r.Refused != 5 || r.Updated+r.Unchanged != 0 {
			t.Fatalf("%+v", r)
		}
		want := map[string]int{
			"member.error.identity": 1, "member.error.child": 1, "member.error.email": 1, "member.error.phone": 1,
			"member.error.unit_unknown": 1, "member.error.duplicate": 1,
		}
		if !maps.Equal(r.Reasons, want) {
			t.Errorf("%v", r.Reasons)
		}
		dropped := map[string]string{}
		for _, c := range r.Columns {
			if c.Dropped != "" {
				dropped[c.Heading] = c.Dropped
			}
		}
		if !maps.Equal(dropped, map[string]string{"CPR": "member.import.dropped.identity", "Skostørrelse": "member.import.dropped.undeclared"}) {
			t.Errorf("%v", dropped)
		}
		anna := h.byNumber("501")
		card := got(h.directory.Card(t.Context(), h.may(charter.View), anna))(t)
		p := card.Profile
		if p.Name() != "Anna Østergård" || p.Email != "anna@example.dk" || p.Mobile != "+4510264795" || p.Postal != "2100" || p.Town != "København Ø" ||
			len(p.Extra) != 0 || card.Memberships[0].Unit != h.north {
			t.Errorf("%+v", card)
		}
		if bo := h.byNumber("502"); !slices.Equal(h.directory.Units(bo), []unit.ID{h.party}) {
			t.Error("somebody without an association belongs to the party itself")
		}
		if h.entries(anna, journal.Import) != 1 {
			t.Error("not journaled")
		}
		// The refused file: reasons in the reader's language, nothing forbidden, importable.
		text := out.String()
		for _, part := range []string{"Hvorfor ikke", "504;Barn;Bech;;barn@example.dk", "503;;Bech;", "barn under 15 år", "fjernet fra rækken", "carl@"} {
			if !strings.Contains(text, part) {
				t.Errorf("%q is missing in\n%s", part, text)
			}
		}
		for _, part := range []string{"010190", "1.1.2020", "Skostørrelse", "CPR"} {
			if strings.Contains(text, part) {
				t.Errorf("%q stands in\n%s", part, text)
			}
		}
		corrected := strings.NewReplacer("503;;Bech", "503;Bente;Bech", "carl@;12", "carl@example.dk;10264796", "ukendt", "syd").Replace(text)
		again := importAll(h, corrected, Options{Lang: "da"})
		if again.Created != 4 || again.Refused != 0 || again.Updated != 1 { // the child's row without its date; Anna renamed
			t.Errorf("%+v", again)
		}
		for _, c := range again.Columns {
			if c.Dropped != "" && c.Dropped != "member.import.dropped.own" {
				t.Errorf("%+v", c)
			}
		}
	})
}

// A second import updates: only the columns it has, only the cells that hold
// something.
func TestImportUpdates(t *testing.T) {
	onBoth(t, func(h *house) {
		importAll(h, members501, Options{})
		anna := h.byNumber("501")
		r := importAll(h, "Member no.,E-mail,Phone,Local association\n501,new@example.dk,,syd\n502,,,\n", Options{})
		if r.Updated != 1 || r.Unchanged != 1 || r.Created+r.Refused != 0 {
			t.Fatalf("%+v", r)
		}
		card := got(h.directory.Card(t.Context(), h.may(charter.View), anna))(t)
		if card.Profile.Email != "new@example.dk" || card.Profile.Mobile == "" || card.Profile.Birth.IsZero() || card.Memberships[0].Unit != h.south {
			t.Errorf("%+v", card)
		}
		for value, want := range map[string]int{"anna@example.dk": 0, "new@example.dk": 1} {
			if found := got(h.keyring.Find(vault.ClaimEmail, value))(t); len(found) != want {
				t.Errorf("%s: %v", value, found)
			}
		}
		if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{Text: "new@ex"}))(t); hits.Total != 1 {
			t.Error("not found by the new address")
		}
		if len(h.keyring.PendingPersons()) != 0 {
			t.Error("marks left")
		}
	})
}

func TestImportDryRun(t *testing.T) {
	onBoth(t, func(h *house) {
		last := h.keyring.LastPerson()
		var out bytes.Buffer
		r := importAll(h, members501, Options{DryRun: true, Refused: &out})
		if !r.DryRun || r.Created != 3 || r.Refused != 5 || h.keyring.LastPerson() != last || out.Len() == 0 {
			t.Errorf("%+v", r)
		}
		if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{}))(t); hits.Total != 0 {
			t.Errorf("%d members after a dry run", hits.Total)
		}
	})
}

// D11: an officer imports into the own body; a number elsewhere and one that
// never was are refused in the same words.
func TestD11Import(t *testing.T) {
	onBoth(t, func(h *house) {
		importAll(h, members501, Options{})
		officer := h.add(h.north, "given", "Olga")
		h.officer(officer, h.north)
		s := h.scope(officer, access.Want{Act: charter.Import})
		text := "Nr.;Fornavn;Efternavn;Forening\n501;Anne;;\n507;Erik;;\n9999;Nobody;;\n;Ny;Nielsen;\n;Ny;Syd;syd\n;Ny;Ukendt;atlantis\n"
		var out bytes.Buffer
		r := got(h.directory.Import(t.Context(), s, strings.NewReader(text), Options{Refused: &out, Lang: "en"}, nil))(t)
		if r.Updated != 1 || r.Created != 1 || r.Refused != 4 || r.Reasons["member.error.number_reach"] != 2 || r.Reasons["member.error.unit_reach"] != 2 {
			t.Errorf("%+v", r)
		}
		lines := strings.Split(out.String(), "\r\n")
		if a, b := lines[1], lines[2]; a[strings.LastIndex(a, ";"):] != b[strings.LastIndex(b, ";"):] {
			t.Errorf("told apart:\n%s\n%s", a, b)
		}
		if hits := got(h.directory.Search(t.Context(), h.scope(officer, access.Want{Act: charter.Search}), Query{Text: "ny nielsen"}))(t); hits.Total != 1 {
			t.Error("the newcomer is not in the officer's body")
		}
		if _, err := h.directory.Import(t.Context(), s, strings.NewReader(text), Options{Unit: h.south}, nil); !fault.Is(err, fault.Invalid) {
			t.Error("imported into another body:", err)
		}
		if _, err := h.directory.Import(t.Context(), h.may(charter.View), strings.NewReader(text), Options{}, nil); !fault.Is(err, fault.Denied) {
			t.Error(err)
		}
	})
}

func TestPlan(t *testing.T) {
	h := build(t, sqlite(t))
	plan := got(h.directory.Plan(t.Context(), h.may(charter.Import), strings.NewReader(members501), Options{}))(t)
	fields := []string{}
	for _, c := range plan.Columns {
		fields = append(fields, c.Field)
	}
	if want := []string{"number", "given", "family", "birth", "", "email", "mobile", "postal", "town", "unit", ""}; !slices.Equal(fields, want) {
		t.Errorf("%v", fields)
	}
	if cells := plan.Rows[0].Cells; cells[1].Value != "Anna" || cells[3].Value != "1989-09-03" || cells[5].Value != "+4510264795" || cells[6].Value != "2100" {
		t.Errorf("%+v", cells)
	}
	if cells := plan.Rows[2].Cells; cells[1] != (PlanCell{Problem: "member.error.identity"}) {
		t.Errorf("%+v", cells)
	}
	// Columns chosen by hand, by heading and by place; and dropped by hand.
	plan = got(h.directory.Plan(t.Context(), h.may(charter.Import), strings.NewReader("Hvem,Tal,By\nAnna Friis Jensen,5,Odense\n"),
		Options{Map: map[string]string{"Hvem": "name", "2": "number", "By": "-"}}))(t)
	if plan.Columns[0].Field != "name" || plan.Columns[1].Field != "number" || plan.Columns[2].Field != "" || plan.Rows[0].Cells[0].Value != "Anna Friis Jensen" {
		t.Errorf("%+v", plan)
	}
	for _, bad := range []string{"", "a;b\n1;2\n", "PK\x03\x04xxxx"} {
		if _, err := h.directory.Plan(t.Context(), h.may(charter.Import), strings.NewReader(bad), Options{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Art. 87: a refused identity number is stored in no file of the house, and a
// refused row not at all.
func TestN9RefusedIsStoredNowhere(t *testing.T) {
	h := build(t, sqlite(t))
	importAll(h, members501, Options{})
	must(t, h.db.Forget(t.Context()))
	for _, dir := range []string{filepath.Dir(h.db.Path()), filepath.Dir(h.keyring.Path())} {
		for _, entry := range got(os.ReadDir(dir))(t) {
			content := got(os.ReadFile(filepath.Join(dir, entry.Name())))(t)
			for _, forbidden := range []string{"010190", "030989", "Barn", "barn@example", "Østergård"} {
				if bytes.Contains(content, []byte(forbidden)) {
					t.Errorf("%s stands in %s", forbidden, entry.Name())
				}
			}
		}
	}
}

// Numbers given out never meet those a file brings later.
func TestImportGivesNumbers(t *testing.T) {
	h := build(t, sqlite(t))
	r := importAll(h, "Nr.;Fornavn\n;A\n7;B\n;C\n900;D\n;E\n", Options{})
	if r.Created != 5 || r.Refused != 0 {
		t.Fatalf("%+v", r)
	}
	numbers := map[string]string{}
	for _, hit := range got(h.directory.Search(t.Context(), h.may(charter.Search), Query{}))(t).Rows {
		if other, taken := numbers[hit.Number]; taken {
			t.Errorf("%s and %s have number %s", other, hit.Given, hit.Number)
		}
		numbers[hit.Number] = hit.Given
	}
	if numbers["7"] != "B" || numbers["900"] != "D" {
		t.Error(numbers)
	}
}

// A file larger than one batch, a stop in the middle, and what was done stands.
func TestImportStops(t *testing.T) {
	h := build(t, sqlite(t))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := h.directory.Import(ctx, h.may(charter.Import), inventedSheet(3*batchRows), Options{}, func(rows int) {
		if rows >= batchRows {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || r.Created != batchRows {
		t.Fatalf("%+v %v", r, err)
	}
	if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{}))(t); hits.Total != batchRows {
		t.Errorf("%d members", hits.Total)
	}
	r = got(h.directory.Import(t.Context(), h.may(charter.Import), inventedSheet(3*batchRows), Options{}, nil))(t)
	if r.Created != 2*batchRows || r.Unchanged != batchRows || r.Refused != 0 {
		t.Errorf("%+v", r)
	}
	h.open()
	if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{}))(t); hits.Total != 3*batchRows {
		t.Errorf("%d members after a start", hits.Total)
	}
}

// inventedSheet streams invented members as a file.
func inventedSheet(count int) io.Reader {
	r, w := io.Pipe()
	go func() {
		var line bytes.Buffer
		fmt.Fprintln(&line, "Medlemsnr;Fornavn;Efternavn;Køn;Fødselsdato;Adresse;Postnr;By;E-mail;Telefon;Mobil;Indmeldt;Forening")
		for i := range count {
			p := invented(1, i)
			body := [...]string{"nord", "syd"}[i%2]
			fmt.Fprintf(&line, "%s;%s;%s;%s;%02d-%02d-%04d;%s;%s;%s;%s;%s;%s;%s;%s\r\n", p.Number, p.Given, p.Family, p.Sex, p.Birth.Day, p.Birth.Month, p.Birth.Year,
				p.Street, p.Postal, p.Town, p.Email, strings.TrimPrefix(p.Phone, "+45"), strings.TrimPrefix(p.Mobile, "+45"), p.Joined, body)
			if line.Len() > 1<<16 || i == count-1 {
				if _, err := w.Write(line.Bytes()); err != nil {
					return
				}
				line.Reset()
			}
		}
		w.Close()
	}()
	return r
}
