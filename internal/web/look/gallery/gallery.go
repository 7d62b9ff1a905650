// Package gallery shows every component of the look with sample texts: the pages of
// the product as they will be, and one page of all the parts. The gallery test
// renders and checks them. The persons and bodies are invented. It knows only look.
package gallery

import (
	"time"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/web/look"
)

// Pages are the sample pages by the name of their file.
func Pages() map[string]templ.Component {
	return map[string]templ.Component{
		"parts":       parts(),
		"home":        home(),
		"members":     members(),
		"member":      member(),
		"pull":        pull(),
		"sheet":       printedList(),
		"closing":     closing(),
		"access":      access(),
		"me":          me(),
		"year":        yearSheet(),
		"signin":      signin(),
		"code":        codeEntry(),
		"declaration": declaration(),
		"import":      importing(),
		"factor":      secondFactor(),
		"call":        call(),
		"labels":      labels(),
	}
}

var today = date(2026, 11, 23)

// on is a day of the sample year.
func on(month, day int) civil.Date { return date(2026, month, day) }

func date(year, month, day int) civil.Date {
	return civil.Date{Year: year, Month: time.Month(month), Day: day}
}

// frame is a page as a local officer sees it, on one of the tabs.
func frame(title, tab string) look.Page {
	return look.Page{
		Title: title, Organisation: "Eksempelpartiet", Home: "home.html",
		Label: look.Label{Body: "Gentofte", Role: "Medlemsansvarlig", Hats: []look.Hat{
			{Body: "Gentofte", Note: "Medlemsansvarlig · valgt til 31. marts 2027", URL: "home.html", Current: true},
			{Body: "Karen Vestergaard", Note: "Min egen side", URL: "me.html"},
		}},
		Account:   look.Account{Name: "Karen Vestergaard", SignOut: "/signout"},
		Languages: languages,
		Tabs: tabs(tab,
			"Hjem", "home.html", "Medlemmer", "members.html", "Lister", "pull.html",
			"Adgang", "access.html", "Log", "parts.html", "Min side", "me.html"),
		Foot: foot,
	}
}

// private is a page of a member without a post.
func private(title string) look.Page {
	p := frame(title, "")
	p.Label = look.Label{Body: "Mia Louise Andreasen", Role: "Medlem"}
	p.Account.Name = "Mia Louise Andreasen"
	p.Tabs = tabs(title, "Min side", "me.html", "Hvem har adgang", "access.html")
	return p
}

// office is a page as the secretariat sees it. Hats and languages are put on by
// posting here, and are addresses of their own elsewhere.
func office(title, tab string) look.Page {
	p := frame(title, "")
	p.Label = look.Label{Body: "Sekretariatet", Role: "Medlemsservice", Hats: []look.Hat{
		{Body: "Sekretariatet", Note: "Medlemsservice · hele landet", Action: "/hat/1", Current: true},
		{Body: "Gentofte", Note: "Formand · valgt til 31. marts 2028", Action: "/hat/2"},
		{Body: "Mette Lindqvist", Note: "Min egen side", URL: "me.html"},
	}}
	p.Languages = []look.Language{
		{Code: "da", Name: "Dansk", Action: "/language/da", Current: true}, {Code: "en", Name: "English", Action: "/language/en"},
	}
	p.Account.Name = "Mette Lindqvist"
	p.Tabs = tabs(tab,
		"Hjem", "home.html", "Medlemmer", "members.html", "Udmeldelser", "closing.html",
		"Lister", "pull.html", "Adgang", "access.html", "Log", "parts.html")
	p.Tabs[2].Count, p.Tabs[2].Waiting = 4, "venter"
	return p
}

// door is a page before sign-in.
func door(title string) look.Page {
	return look.Page{
		Title: title, Organisation: "Eksempelpartiet", Home: "signin.html",
		Label:     look.Label{Body: "Eksempelpartiet", Role: "Medlemsregister"},
		Languages: languages, Foot: foot,
	}
}

var languages = []look.Language{
	{Code: "da", Name: "Dansk", URL: "?lang=da", Current: true},
	{Code: "en", Name: "English", URL: "?lang=en"},
}

var foot = look.Foot{Links: []look.Link{
	{Text: "Hvem har adgang", URL: "access.html"}, {Text: "Procedure for adgang", URL: "parts.html"},
	{Text: "Privatlivspolitik", URL: "declaration.html"}, {Text: "Tilgængelighed", URL: "parts.html"},
}}

// tabs makes guide cards of texts and addresses in pairs.
func tabs(current string, pairs ...string) []look.Tab {
	var list []look.Tab
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, look.Tab{Text: pairs[i], URL: pairs[i+1], Current: pairs[i] == current})
	}
	return list
}
