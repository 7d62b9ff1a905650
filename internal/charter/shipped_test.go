package charter

import (
	"slices"
	"strings"
	"testing"

	"kartotek/internal/locale"
)

func load(t testing.TB, name string) *Charter {
	t.Helper()
	c, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestD8 proves that in an association exactly chair, membership officer and
// treasurer give access, besides the extra officer of D10.
func TestD8ThreePostsGiveAccess(t *testing.T) {
	c := load(t, "party-dk")
	for _, level := range []string{"local", "abroad"} {
		var always []string
		for _, post := range c.PostsAt(level) {
			if post.Acts != 0 && post.OverMembers == 0 {
				always = append(always, post.Code)
			}
		}
		if want := []string{"chair", "membership-officer", "treasurer"}; !slices.Equal(always, want) {
			t.Errorf("%s: %v give access, want %v", level, always, want)
		}
	}
	everyone := Search | View | Edit | Pull | PassOn | Access
	for code, want := range map[string]Acts{
		"chair": everyone | Appoint | LookThrough, "treasurer": everyone | Collect | Accounts,
		"membership-officer": everyone | Create | Import | LookThrough, "extra-membership-officer": everyone | Create | Import,
	} {
		if post, ok := c.Post(code); !ok || post.Acts != want || post.Seats != 1 {
			t.Errorf("%s may %v with %d seats, want %v with one", code, post.Acts, post.Seats, want)
		}
	}
}

func TestD10ExtraOfficerOnlyAbove200(t *testing.T) {
	c := load(t, "party-dk")
	for members, want := range map[int]int{0: 0, 199: 0, 200: 0, 201: 1, 50_000: 1} {
		if got := c.SeatsFor("extra-membership-officer", members); got != want {
			t.Errorf("%d members: %d seats, want %d", members, got, want)
		}
	}
	if got := c.SeatsFor("chair", 0); got != 1 {
		t.Errorf("a chair in an empty association: %d seats", got)
	}
	if c.SeatsFor("nobody", 1000) != 0 {
		t.Error("an unknown post has seats")
	}
	for _, post := range load(t, "club-no").Posts {
		if post.OverMembers != 0 {
			t.Errorf("club-no: %s has a threshold", post.Code)
		}
	}
}

func TestD13RegionHasNoAccess(t *testing.T) {
	c := load(t, "party-dk")
	region, ok := c.Level("region")
	if !ok || !region.Requisition || !region.SubBodies || region.Members || region.Controller != ControllerNone {
		t.Errorf("region is %+v", region)
	}
	posts := c.PostsAt("region")
	if len(posts) != 1 || posts[0].Code != "regional-chair" || posts[0].Acts != 0 {
		t.Errorf("posts of a region: %+v", posts)
	}
	var may []string
	for _, p := range c.Purposes {
		if p.Requisition {
			may = append(may, p.Code)
		}
	}
	if want := []string{"invitation", "newsletter"}; !slices.Equal(may, want) {
		t.Errorf("a region may requisition %v, want %v", may, want)
	}
}

func TestD4StaffPositions(t *testing.T) {
	c := load(t, "party-dk")
	for code, want := range map[string]Acts{
		"member-service": AllActs &^ (Staff | Accounts),
		"dues":           Search | View | Pull | Collect | Accounts,
		"auditor":        Accounts,
		"it":             Search | View | Access | Journal | Staff | Appoint | Units | LookThrough,
	} {
		position, ok := c.Position(code)
		if !ok || position.Acts != want {
			t.Errorf("%s may %v, want %v", code, position.Acts, want)
		}
		if ok && (position.Grounds["da"] == "" || position.Grounds["en"] == "") {
			t.Errorf("%s is without grounds", code)
		}
	}
}

func TestD6OnlyTheSecretariatCloses(t *testing.T) {
	c := load(t, "party-dk")
	for _, post := range c.Posts {
		if post.Acts.Has(Close) {
			t.Errorf("the post %s closes memberships", post.Code)
		}
		if post.Acts != 0 && !post.Acts.Has(PassOn) {
			t.Errorf("the post %s cannot pass a resignation on", post.Code)
		}
	}
}

func TestD12ListsLive30DaysAtMost(t *testing.T) {
	for _, name := range Shipped() {
		c := load(t, name)
		if c.ListDays != 30 {
			t.Errorf("%s: a list lives %d days", name, c.ListDays)
		}
		for i := range c.Purposes {
			if days := c.ListDaysFor(&c.Purposes[i]); days < 1 || days > 30 {
				t.Errorf("%s: a list for %s lives %d days", name, c.Purposes[i].Code, days)
			}
		}
	}
}

func TestN2DistrictProcessesClubsControl(t *testing.T) {
	c := load(t, "club-no")
	for code, want := range map[string]string{"district": ControllerProcessor, "club": ControllerAlone} {
		if level, _ := c.Level(code); level.Controller != want {
			t.Errorf("%s is %s, want %s", code, level.Controller, want)
		}
	}
	for _, code := range []string{"president", "secretary", "treasurer", "register-manager", "law-committee", "web-editor"} {
		if _, ok := c.Post(code); !ok {
			t.Errorf("there is no %s", code)
		}
	}
	if post, _ := c.Post("law-committee"); post.Acts != 0 {
		t.Error("the law committee needs no member data")
	}
}

// TestN9 proves that nothing beyond the declared data is kept on members.
func TestN9DeclaredFieldsOnly(t *testing.T) {
	for _, name := range Shipped() {
		c := load(t, name)
		for _, f := range c.Fields {
			if !f.Standard {
				t.Errorf("%s: %s is an extra", name, f.Code)
			}
		}
		for _, code := range []string{"number", "given", "family", "sex", "birth", "address", "postal", "town", "country", "email", "phone", "mobile", "joined", "unit", "category"} {
			if _, ok := c.Field(code); !ok {
				t.Errorf("%s: no field %s", name, code)
			}
		}
	}
	if c := load(t, "club-no"); c.MinimumAge != 18 || c.SpecialCategory {
		t.Errorf("club-no: age %d, special %v", c.MinimumAge, c.SpecialCategory)
	}
}

// TestL5 proves that every purpose says its basis, and Art. 9 where it applies (L1).
func TestL5EveryPurposeHasItsBasis(t *testing.T) {
	for _, name := range Shipped() {
		c := load(t, name)
		for _, p := range c.Purposes {
			if p.Basis == "" || (p.Basis9 != "") != c.SpecialCategory {
				t.Errorf("%s: %s rests on %q and %q", name, p.Code, p.Basis, p.Basis9)
			}
		}
		for _, code := range []string{"administration", "meeting-notice", "newsletter", "invitation", "dues", "audit"} {
			if _, ok := c.Purpose(code); !ok {
				t.Errorf("%s: no purpose %s", name, code)
			}
		}
	}
}

func TestL8PurposesGetOnlyTheirFields(t *testing.T) {
	for _, name := range Shipped() {
		c := load(t, name)
		purpose := func(code string) *Purpose { p, _ := c.Purpose(code); return p }
		for _, p := range c.Purposes {
			if p.Set.Has(c.FieldSet("birth")) || p.Set.Has(c.FieldSet("sex")) {
				t.Errorf("%s: %s gets birth or sex", name, p.Code)
			}
		}
		if n := purpose("newsletter"); n.Set&c.FieldSet("address", "phone", "mobile") != 0 || !n.Objection {
			t.Errorf("%s: newsletter gets %v", name, n.Fields)
		}
		if a := purpose("audit"); a.Set&c.FieldSet("given", "family", "address", "email") != 0 {
			t.Errorf("%s: audit gets %v", name, a.Fields)
		}
		if m := purpose("meeting-notice"); !m.Statutory || m.Objection {
			t.Errorf("%s: an objection stops a meeting notice", name)
		}
	}
}

// Every value of the requirements' table is shipped, with its source in every
// language of the charter.
func TestParametersHaveTheirSources(t *testing.T) {
	want := map[string][2]int{ // party-dk, club-no
		"list-days": {30, 30}, "document-months": {24, 24}, "text-message-days": {30, 30}, "window-days": {3, 3},
		"second-pair-ends-window": {1, 1}, "officer-contact-days": {0, 0}, "non-payment-months": {6, 6},
		"bookkeeping-years": {5, 5}, "accounting-year-month": {12, 9}, "reviews-per-year": {2, 1}, "answer-months": {1, 1},
		"answer-more-months": {2, 2}, "breach-hours": {72, 72}, "minimum-age": {15, 18}, "special-category": {1, 0}, "over-members": {200, 0},
		"access-history-years": {5, 5}, "cover-days": {60, 60}, "letter-days": {5, 5}, "letter-keep-days": {30, 30}, "certificate-years": {5, 5},
		"list-record-years": {5, 5}, "list-line-days": {180, 180}, "journal-years": {5, 5}, "signin-days": {365, 365}, "evidence-years": {5, 5}, "sheet-days": {180, 180}, "paper-days": {7, 7}, "case-days": {30, 30},
		"news-days": {120, 120}, "mapping-months": {24, 24}, "sweep-share-percent": {2, 2}, "sweep-minimum": {25, 25}, "sweep-postpone-days": {14, 14},
		"backup-days": {90, 90}, "drill-months": {3, 3}, "report-minimum": {5, 5}, "publish-days": {14, 14},
		"trace-months":         {12, 12},
		"former-name-months":   {12, 12},
		"transfer-answer-days": {14, 30}, "transfer-additions-wait": {1, 1}, "transfer-addition-days": {7, 7}, "transfer-dual": {0, 0},
		"hold-months": {12, 12}, "silent-investigations": {0, 0},
		"grant-months": {12, 12}, "grant-answer-days": {60, 60}, "grant-second-person": {1, 1},
		"handout-answer-days": {14, 0}, "handout-open-days": {7, 0}, "handout-second-person": {0, 0},
		"meeting-ordinary-days": {14, 14}, "meeting-extraordinary-days": {8, 14}, "meeting-demand-percent": {25, 25}, "meeting-vote-age": {15, 18},
		"meeting-member-days": {30, 0}, "meeting-dues-paid": {1, 1}, "meeting-quorum-percent": {0, 33}, "meeting-proxies": {0, 0},
		"meeting-board-days": {7, 7}, "meeting-roll-days": {1, 1}, "meeting-keep-days": {30, 30},
		"review-month": {4, 10}, "review-answer-days": {30, 45}, "review-grace-days": {14, 14}, "review-end-days": {30, 30},
		"review-idle-months": {6, 12}, "review-renewals": {3, 3}, "review-years": {5, 5},
		"audit-answer-days": {45, 45}, "audit-remind-days": {14, 14}, "audit-change-days": {14, 14}, "audit-years": {5, 5},
		"mailing-per-hour": {3000, 600}, "mailing-send-days": {3, 3}, "mailing-approve-days": {7, 7}, "mailing-keep-months": {24, 24},
		"directory-contacts": {0, 30}, "directory-names": {0, 500}, // where members see each other at all
		"destroy-remind-days": {7, 7}, "destroy-again-days": {3, 3}, "destroy-colleague-days": {2, 2}, "destroy-office-days": {5, 5},
		"destroy-extra-days": {60, 60}, "destroy-no-new-list": {1, 1},
		"passing-every-days": {0, 30}, "passing-answer-days": {0, 14}, "passing-share-percent": {0, 5}, "passing-share-minimum": {0, 25},
		"guard-override":        {1, 1},
		"agreement-answer-days": {60, 60}, "agreement-receive-days": {30, 30}, "agreement-remind-days": {14, 14}, "agreement-notice-days": {30, 30}, "agreement-keep-years": {5, 5},
		"close-many-minimum": {10, 10}, "close-many-percent": {1, 1}, "close-batch-days": {14, 14},
		"declaration-publish-days": {30, 30}, "declaration-look-months": {12, 12}, "declaration-second-person": {1, 1},
		"joining-sponsor": {0, 1}, "joining-decision": {1, 1}, "joining-unfinished-days": {7, 14},
		"joining-decision-days": {14, 45}, "joining-undecided-days": {60, 90}, "joining-declined-days": {30, 30},
		"dues-reminder-days": {14, 14}, "dues-again-days": {21, 21}, "dues-reminders": {2, 2}, "dues-propose-months": {4, 4}, "dues-per-capita": {7500, 30000},
	}
	for i, name := range Shipped() {
		c := load(t, name)
		rows := c.Table()
		for _, row := range rows {
			if row.Value != want[row.Code][i] {
				t.Errorf("%s: %s is %d, want %d", name, row.Code, row.Value, want[row.Code][i])
			}
			for _, lang := range c.Languages {
				if strings.TrimSpace(row.Source[lang]) == "" {
					t.Errorf("%s: %s has no source in %s", name, row.Code, lang)
				}
				words := locale.For(lang)
				if label, text := row.Label(words), row.Text(words); strings.Contains(label+text, "⟦") || strings.Contains(label+text, "no value") {
					t.Errorf("%s: %s reads %q: %q", name, row.Code, label, text)
				}
			}
		}
		if expected := len(want) - []int{6, 4}[i]; len(rows) != expected { // party-dk has no closed pages and passes nobody on; club-no has no threshold and hands nothing out
			t.Errorf("%s: %d parameters, want %d", name, len(rows), expected)
		}
	}
}

// Parameters in words, as the published texts show them.
func TestParametersInWords(t *testing.T) {
	c := load(t, "party-dk")
	var got []string
	for _, row := range c.Table() {
		got = append(got, row.Text(locale.For("da")))
	}
	want := "30 dage|24 måneder|30 dage|3 dage|ja|0 dage|6 måneder|5 år|december|2 gange|1 måned|2 måneder|72 timer|15 år|ja|5 år|60 dage|5 dage|30 dage|90 dage|3 måneder|5 år|5 personer|14 dage|5 år|180 dage|5 år|365 dage|5 år|180 dage|7 dage|30 dage|120 dage|24 måneder|12 måneder|2 procent|25 stk.|14 dage|12 måneder|14 dage|ja|7 dage|nej|nej|ja|7 dage|14 dage|60 dage|30 dage|14 dage|21 dage|2 gange|4 måneder|75,00 kr.|12 måneder|nej|12 måneder|60 dage|ja|14 dage|7 dage|nej|14 dage|8 dage|25 procent|15 år|30 dage|ja|0 procent|0 personer|7 dage|1 dag|30 dage|april|30 dage|14 dage|30 dage|6 måneder|3 gange|5 år|45 dage|14 dage|14 dage|5 år|3.000 beskeder i timen|3 dage|7 dage|24 måneder|7 dage|3 dage|2 dage|5 dage|60 dage|ja|10 personer|1 procent|14 dage|ja|30 dage|12 måneder|ja|60 dage|30 dage|14 dage|30 dage|5 år|200 medlemmer"
	if strings.Join(got, "|") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, "|"), want)
	}
}

// Files are recognised as people name their columns.
func TestHeadings(t *testing.T) {
	for name, headings := range map[string]map[string]string{
		"party-dk": {
			"Fornavn": "given", "Efternavn": "family", "Medlemsnr": "number", "MEDLEMSNR.": "number", "Medlemsnummer": "number",
			"Fødselsdato": "birth", "fodselsdato": "", "Postnr": "postal", "Post nr.": "postal", "By": "town", "Mobil": "mobile",
			"E-mail": "email", "email": "email", " E Mail ": "email", "Indmeldt": "joined", "Navn": "name", "Køn": "sex",
			"Koen": "sex", "First name": "given", "Surname": "family", "date_of_birth": "birth", "Vælgerforening": "unit",
			"Tlf.": "phone", "Adresse": "address", "Land": "country", "Kategori": "category", "": "", "?": "", "Skostørrelse": "",
		},
		"club-no": {"Etternavn": "family", "Poststed": "town", "E-post": "email", "Klubb": "unit", "Kjønn": "sex", "Innmeldt": "joined"},
	} {
		c := load(t, name)
		for heading, want := range headings {
			got := ""
			if f, ok := c.FieldFor(heading); ok {
				got = f.Code
			}
			if got != want {
				t.Errorf("%s: %q is %q, want %q", name, heading, got, want)
			}
		}
	}
	sex, _ := load(t, "party-dk").Field("sex")
	for cell, want := range map[string]string{"K": "female", "kvinde": "female", "M": "male", "Mand": "male", "x": "other", "": "", "9": ""} {
		got := ""
		if choice, ok := sex.ChoiceFor(cell); ok {
			got = choice.Code
		}
		if got != want {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
}

// The shipped texts cite the clauses they carry out, begin with the language of
// their country and speak Danish and English beside it.
func TestShippedTexts(t *testing.T) {
	for name, clauses := range map[string][]string{
		"party-dk": {"D2", "D4", "D6", "D7", "D8", "D10", "D11", "D12", "D13", "D14", "L1", "L5", "L7", "L8", "L10"},
		"club-no":  {"D12", "N2", "N7", "N8", "N9", "N11", "N12", "N13", "N14", "L5", "L7"},
	} {
		c := load(t, name)
		for _, clause := range clauses {
			if !strings.Contains(string(c.Source()), clause) {
				t.Errorf("%s does not cite %s", name, clause)
			}
		}
		if own := map[string]string{"DK": "da", "NO": "nb"}[c.Country]; c.Lang() != own {
			t.Errorf("%s begins with %s, want %s", name, c.Lang(), own)
		}
		spoken := []string{"da", "en"}
		if c.Country == "NO" { // the district has clubs in Sweden
			spoken = append(spoken, "sv")
		}
		for _, lang := range spoken {
			if !slices.Contains(c.Languages, lang) {
				t.Errorf("%s does not have its names in %s", name, lang)
			}
		}
		if c.Root() != &c.Levels[0] {
			t.Errorf("%s: the root is not the first level", name)
		}
	}
}
