package member

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/sheet"
)

// Issue 3: what was corrected is saved and used again for the next file with the
// same headings, for the body it was saved in.
func TestMappingsAreUsedAgain(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx := t.Context()
		officer, other := h.add(h.north, "given", "Olga"), h.add(h.south, "given", "Sven")
		h.officer(officer, h.north)
		h.officer(other, h.south)
		north, south := h.scope(officer, access.Want{Act: charter.Import}), h.scope(other, access.Want{Act: charter.Import})
		first := "Hvem er det;Kode 7;Dato\nAnna Berg;anna@example.dk;03/04/1989\n"
		chosen := Options{Map: map[string]string{"1": "name", "2": "email", "3": "birth"}, Dates: map[string]sheet.Order{"3": sheet.MonthFirst}}
		must(t, h.directory.SaveMapping(ctx, north, "Kassererens liste", strings.NewReader(first), chosen))
		next := "HVEM ER  DET;Kode 7;Dato\nBo Bang;bo@example.dk;05/06/1970\n"
		plan := got(h.directory.Plan(ctx, north, strings.NewReader(next), Options{}))(t)
		if plan.Mapping == nil || plan.Mapping.Name != "Kassererens liste" || plan.Ask || plan.Rows[0].Cells[2].Value != "1970-05-06" {
			t.Errorf("%+v", plan)
		}
		if _, err := h.directory.Plan(ctx, north, strings.NewReader(next), Options{Plain: true}); fault.From(err).Key != "member.import.no_columns" {
			t.Error("the mapping cannot be left out:", err)
		}
		// What is chosen now wins.
		plan = got(h.directory.Plan(ctx, north, strings.NewReader(next), Options{Map: map[string]string{"2": "-"}}))(t)
		if plan.Columns[1].Field != "" || plan.Columns[0].Field != "name" {
			t.Errorf("%+v", plan.Columns)
		}
		// Another body's is neither used nor seen nor changed (D11); the secretariat's is everybody's.
		if _, err := h.directory.Plan(ctx, south, strings.NewReader(next), Options{Mapping: "Kassererens liste"}); fault.From(err).Key != "member.import.no_mapping" {
			t.Error(err)
		}
		id := got(h.directory.Mappings(ctx, north))(t)[0].ID
		if len(got(h.directory.Mappings(ctx, south))(t)) != 0 || !fault.Is(h.directory.DeleteMapping(ctx, south, id), fault.NotFound) || !fault.Is(h.directory.RenameMapping(ctx, south, id, "Min"), fault.NotFound) {
			t.Error("another body's mapping is reached")
		}
		must(t, h.directory.SaveMapping(ctx, h.may(charter.Import), "Fælles", strings.NewReader(first), chosen))
		if all := got(h.directory.Mappings(ctx, south))(t); len(all) != 1 || all[0].Own || all[0].Name != "Fælles" {
			t.Errorf("%+v", all)
		}
		if plan := got(h.directory.Plan(ctx, south, strings.NewReader(next), Options{}))(t); plan.Mapping == nil {
			t.Error("the association's mapping is not offered")
		}
		must(t, h.directory.RenameMapping(ctx, north, id, "Bankens liste"))
		must(t, h.directory.SaveMapping(ctx, north, "Ny", strings.NewReader(first), chosen))
		if err := h.directory.RenameMapping(ctx, north, id, "Ny"); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		for _, bad := range []string{"", " ", strings.Repeat("x", 61), "anna@example.dk", "030989-1234"} {
			if err := h.directory.SaveMapping(ctx, north, bad, strings.NewReader(first), chosen); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		must(t, h.directory.DeleteMapping(ctx, north, id))
	})
}

// A saved mapping holds nothing of the file, not even its headings: they might be
// the first member of a file without any.
func TestN9MappingsHoldNothingOfTheFile(t *testing.T) {
	h := build(t, sqlite(t))
	must(t, h.directory.SaveMapping(t.Context(), h.may(charter.Import), "Liste", strings.NewReader("Zebulon;Quackenbush;Hvem\nx;y;z\n"),
		Options{Map: map[string]string{"1": "given", "2": "family"}}))
	must(t, h.db.Forget(t.Context()))
	content := bytes.ToLower(got(os.ReadFile(h.db.Path()))(t))
	for _, word := range []string{"zebulon", "quackenbush", "hvem"} {
		if bytes.Contains(content, []byte(word)) {
			t.Errorf("%q stands in the register", word)
		}
	}
}
