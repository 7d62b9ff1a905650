package directory_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/directory"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// seen has members of local associations see each other and those of the whole country.
func seen(source string) string {
	return strings.Replace(source, "[directory]\nreach = []", `[directory]
purpose = "invitation"
fields = ["email", "address", "town"]
printed = ["chair"]
reach = [{ members = "local", see = "local" }, { members = "local", see = "national" }]
contacts = { value = 3, source = { da = "k", en = "s" } }
names = { value = 40, source = { da = "k", en = "s" } }`, 1)
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

func names(found directory.Found) (all []string) {
	for i := range found.Rows {
		all = append(all, found.Rows[i].Name())
	}
	return all
}

func has(found directory.Found, name string) bool { return slices.Contains(names(found), name) }

// The closed pages of a club and of the district, as members meet them: who sees whom,
// what each shows, what is never shown, how much a day, and who is told.
func TestN11N12MembersSeeEachOtherAsFarAsEachLetsThem(t *testing.T) {
	housetest.EachUnder(t, seen, func(t *testing.T, f *housetest.Fixture) {
		ctx, s := f.Context(), f.Directory
		gentofte, party := f.Bodies["gentofte"], f.Bodies["party"]
		find := func(who string, body unit.ID, text string) (directory.Found, error) {
			return s.Find(ctx, f.As(who), body, text, 1, 0)
		}
		look := func(who, whom string) (*member.OpenFellow, error) {
			return s.Look(ctx, f.As(who), gentofte, f.Person(whom))
		}

		// N11: the association's members only, and nobody by their post.
		found, err := find("neighbour", gentofte, "")
		f.Must(err)
		if !has(found, "Søren Åge Østergård-Quistorff") || has(found, "Yrsa Yding") {
			t.Errorf("a member of Gentofte sees %q", names(found))
		}
		for _, who := range []string{"lyngby member", "anna", "without association"} {
			if _, err := find(who, gentofte, ""); key(err) != "access.denied.fellow" {
				t.Errorf("%s: %v", who, err)
			}
		}
		if _, err := s.Find(ctx, access.Actor{Via: access.Web}, gentofte, "", 1, 0); key(err) != "access.denied.nobody" {
			t.Errorf("nobody signed in: %v", err)
		}
		if scope, _ := f.Access.Decide(f.As("neighbour"), access.Want{Fellow: true, Unit: gentofte}); scope.Counts() || f.Members.Select(scope).GetCardinality() > 0 {
			t.Error("what membership opens is good for a list")
		}

		// N12: the whole register is searched by some letters, not leafed through.
		if found, err = find("neighbour", party, "yr"); err != nil || !found.Asking || len(found.Rows) > 0 {
			t.Errorf("two letters give %q, %v", names(found), err)
		}
		if found, err = find("neighbour", party, "yrsa"); err != nil || !has(found, "Yrsa Yding") {
			t.Errorf("a name of another association gives %q, %v", names(found), err)
		}
		if found, err = find("neighbour", party, "yrsa@example.dk"); err != nil || len(found.Rows) > 0 {
			t.Errorf("an address finds %q, %v", names(found), err)
		}

		// Article 25: a name alone, until they choose; then what they chose, and no more.
		shows, err := look("neighbour", "member")
		f.Must(err)
		if len(shows.Fields) > 0 || shows.Profile.Email != "" {
			t.Errorf("nothing was chosen, and %v shows", shows.Fields)
		}
		f.Must(s.Choose(ctx, f.As("member"), true, []string{"email"}))
		shows, err = look("neighbour", "member")
		f.Must(err)
		if shows.Profile.Email != "soeren.quistorff@example.dk" || shows.Profile.Street+shows.Profile.Town+shows.Profile.Mobile != "" {
			t.Errorf("an e-mail address was chosen, and %v shows", shows.Fields)
		}
		if err := s.Choose(ctx, f.As("member"), true, []string{"birth"}); key(err) != "directory.error.choice" {
			t.Errorf("a birth date can be shown: %v", err)
		}

		// L8: a secret address never, whatever is ticked; an objection is nowhere.
		f.Must(s.Choose(ctx, f.As("secret"), true, []string{"address", "town", "email"}))
		shows, err = look("neighbour", "secret")
		f.Must(err)
		if !shows.Covered || shows.Profile.Street+shows.Profile.Town+shows.Profile.Postal != "" || shows.Profile.Email == "" {
			t.Errorf("of a secret address %+v shows", shows.Fields)
		}

		// A day's measure, and a calm word where it is used up; tomorrow it opens again.
		if _, err := look("neighbour", "chair"); key(err) != "directory.error.contacts" {
			t.Errorf("the fourth look of the day: %v", err)
		}
		for {
			if _, err = find("neighbour", gentofte, ""); err != nil {
				break
			}
		}
		if key(err) != "directory.error.names" {
			t.Errorf("more names than a day has: %v", err)
		}
		if text := f.Charter.Printer("nb").TArgs(fault.From(err).Key, fault.From(err).Args); !strings.Contains(text, "i morgen") {
			t.Errorf("it says %q", text)
		}
		f.Clock.Add(24 * time.Hour)
		f.Must(s.EndLooks(ctx))
		_, err = look("neighbour", "chair")
		f.Must(err)

		// Who has seen me: every look, by whom, as a card that was opened.
		account, err := f.Journal.About(ctx, uint32(f.Person("member")), journal.Page{Limit: 100})
		f.Must(err)
		var looked, passed int
		for _, l := range account.Lines {
			if l.Actor == uint32(f.Person("neighbour")) && l.Right == string(access.ByMembership) {
				looked += map[bool]int{true: 1}[l.Act == journal.FellowOpened]
				passed += map[bool]int{true: 1}[l.Act == journal.FellowsShown]
			}
		}
		if looked != 2 || passed == 0 || account.Opened < 2 {
			t.Errorf("the member is told of %d looks, %d passings", looked, passed)
		}

		// An objection, whoever makes it and wherever, is obeyed at the next look.
		f.Must(s.Choose(ctx, f.As("member"), false, []string{"email"}))
		if found, err = find("treasurer", gentofte, ""); err != nil || has(found, "Søren Åge Østergård-Quistorff") {
			t.Errorf("whoever objected is among %q, %v", names(found), err)
		}
		if _, err := look("treasurer", "member"); key(err) != "member.error.not_found" {
			t.Errorf("whoever objected is looked at: %v", err)
		}

		// The printed directory: who the charter names, a list with its day, no field more.
		if _, err := f.PullDirectory(ctx, f.As("treasurer"), gentofte, "da"); key(err) != "directory.denied.print" {
			t.Errorf("the treasurer prints it: %v", err)
		}
		d, err := f.PullDirectory(ctx, f.As("chair"), gentofte, "da")
		f.Must(err)
		var paper bytes.Buffer
		f.Must(d.Write(ctx, &paper))
		text := plain(t, paper.Bytes())
		if d.List.Format != extract.PDF || d.List.DestroyBy.IsZero() || !strings.Contains(text, "karla@example.dk") || strings.Contains(text, "inger@example.dk") || strings.Contains(text, "Hemmeligvej") || strings.Contains(text, "Quistorff") {
			t.Errorf("list %d, to be destroyed by %s, says\n%s", d.List.Number, d.List.DestroyBy, text)
		}
	})
}

// plain is what stands in a PDF.
func plain(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// An open page shows a person only while they agree, an address of theirs only while
// they agree to that too and the function has none; what is taken back is gone at the
// next request, and each is told once a day.
func TestN11AnOpenPageObeysAtEveryRequest(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, s, p := f.Context(), f.Directory, f.Charter.Printer("da")
		agreed := map[string]bool{}
		f.AskConsents(func(_ database.Querier, person vault.PersonID, code string) (bool, error) {
			return agreed[fmt.Sprint(person, code)], nil
		})
		say := func(who, code string, yes bool) { agreed[fmt.Sprint(f.Person(who), code)] = yes }
		chair := func() directory.Function {
			t.Helper()
			shown, err := s.Show(ctx, "gentofte", p)
			f.Must(err)
			for _, line := range shown.Functions {
				if line.Post == "chair" {
					return line
				}
			}
			return directory.Function{}
		}
		if _, err := s.Show(ctx, "gentofte", p); key(err) != "directory.error.not_open" {
			t.Errorf("a body that has no open page: %v", err)
		}
		page := directory.Page{Unit: f.Bodies["gentofte"], Open: true, Contact: "membership-officer", Mailbox: "post@gentofte.example", Phone: "39 11 22 33", Origins: []string{"https://Gentofte.Example/"}}
		if _, err := s.SetPage(ctx, f.As("member"), page); key(err) != "access.denied.none" {
			t.Errorf("a member changes the pages: %v", err)
		}
		_, err := s.SetPage(ctx, f.As("chair"), page)
		f.Must(err)
		if line := chair(); line.Name != "" {
			t.Errorf("nobody agreed, and %q shows", line.Name)
		}
		_, err = f.Members.Update(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("chair"), member.Changes{Values: map[string]string{"email": "carl.privat@example.dk"}})
		f.Must(err)
		say("chair", charter.ConsentOpenPage, true)
		if line := chair(); line.Name != "Carl Formandsen" || line.Email != "" {
			t.Errorf("the name alone was agreed to, and %+v shows", line)
		}
		say("chair", charter.ConsentOpenEmail, true)
		if line := chair(); line.Email != "carl.privat@example.dk" || !line.Own {
			t.Errorf("the address was agreed to, and %+v shows", line)
		}
		page.Mailboxes = map[string]string{"chair": "formand@gentofte.example"}
		_, err = s.SetPage(ctx, f.As("chair"), page)
		f.Must(err)
		if line := chair(); line.Email != "formand@gentofte.example" || line.Own {
			t.Errorf("the function has an address, and %+v shows", line)
		}
		for range 5 {
			chair()
		}
		account, err := f.Journal.About(ctx, uint32(f.Person("chair")), journal.Page{Limit: 100})
		f.Must(err)
		told := 0
		for _, l := range account.Lines {
			if l.Act == journal.OpenShown && l.Right == string(access.ByConsent) && l.Target == uint32(page.Unit) {
				told++
			}
		}
		if told != 2 { // the name, and the address for as long as it was shown
			t.Errorf("shown in ten requests of a day, told %d times", told)
		}
		say("chair", charter.ConsentOpenPage, false)
		begun := time.Now()
		line := chair()
		if took := time.Since(begun); line.Name != "" {
			t.Errorf("taken back, and at the next request %q shows", line.Name)
		} else {
			t.Logf("taken back: gone at the next request, which took %s", took)
		}

		// The privacy page names functions and never persons (N1, N15), and lasts.
		all, err := s.Privacy(ctx, "gentofte", p)
		f.Must(err)
		said := fmt.Sprint(all)
		for _, wanted := range []string{"post@gentofte.example", "Medlemsansvarlig", "39 11 22 33", "https://www.datatilsynet.dk", "databeskyttelsesloven", "fælles dataansvarlige"} {
			if !strings.Contains(said, wanted) {
				t.Errorf("the privacy page does not say %q", wanted)
			}
		}
		for name, person := range f.People {
			if own, err := f.Members.Names(ctx, f.Scope("anna", access.Want{Act: charter.Search}), []vault.PersonID{person}); err == nil && own[person] != "" && strings.Contains(said, own[person]) {
				t.Errorf("the privacy page names %s", name)
			}
		}
		_, err = f.Units.Rename(ctx, f.Recorder(journal.Entry{Act: journal.Unit, Right: string(access.System), Via: string(access.Console)}), page.Unit, "Gentofte og Hellerup")
		f.Must(err)
		all, err = s.Privacy(ctx, "gentofte", f.Charter.Printer("sv"))
		f.Must(err)
		if !strings.Contains(all.Title, "Gentofte og Hellerup") || !strings.Contains(all.Title, "Personuppgifter") {
			t.Errorf("renamed, and its address says %q", all.Title)
		}
	})
}
