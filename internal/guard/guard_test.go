package guard

import (
	"testing"
	"unicode/utf8"
)

func kinds(text string) string {
	said := ""
	for _, f := range Look(text) {
		said += string(f.Kind) + " "
	}
	return said
}

// L5: what does not belong in a note is seen in four languages, and names, streets and
// other numbers stay quiet.
func TestL5NotesAreLookedThrough(t *testing.T) {
	for text, want := range map[string]string{
		"Hun er sygemeldt resten af året":            "health ",
		"Han er syk og kommer ikke":                  "health ",
		"Medlemmen är sjukskriven":                   "health ",
		"She has cancer and cannot come":             "health ",
		"Dømt for underslag i 2019":                  "crime ",
		"skiftede kirke, nu katolik":                 "religion ",
		"er jøde og holder fri lørdag":               "religion ",
		"hun er lesbisk":                             "sexuality ",
		"aktiv i fagforeningen, tillidsmand":         "union ",
		"CPR 230961-1234 er oplyst":                  "identity ",
		"fødselsnummer 01129955151":                  "identity ",
		"personnummer 811228-9874":                   "identity ",
		"hetu 131052-308T":                           "identity ",
		"kennitala 120174-3399":                      "identity ",
		"dement og gravid":                           "health ",
		"Kommunist, siger naboen":                    "politics ",
		"Flygtning fra krigen, har fået adresse her": "origin ",
		// names, streets, numbers of other things
		"Ring Ole Jøde efter klokken 18":                     "",
		"Jøde Hansen vil have bladet med posten":             "",
		"Bor nu på Sygehusvej 4 i Syby":                      "",
		"Flyttet til Kirkegade 12 og Fængselsgade 3":         "",
		"Telefon 39 68 47 95 eller +45 20 11 22 33":          "",
		"Konto 1234 5678901, medlemsnummer 1000234":          "",
		"Ring Camilla Kristen Muslimović på 99887766":        "",
		"Vil gerne hjælpe med julemarkedet den 01.12.2026":   "",
		"Bedt om møde i foreningen; ønsker at være kasserer": "",
	} {
		if got := kinds(text); got != want {
			t.Errorf("%q seems to hold %q, not %q", text, got, want)
		}
	}
}

// Whatever is written, nothing breaks, and findings lie within the text.
func FuzzLook(f *testing.F) {
	for _, seed := range []string{"230961-1234", "Å syg.", "-\xff1", "131052-308T", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range Look(text) {
			if found.Begin < 0 || found.End > len(text) || found.Begin >= found.End || found.Kind == "" {
				t.Errorf("%+v in %q", found, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[found.Begin:found.End]) {
				t.Errorf("%+v cuts a letter of %q", found, text)
			}
		}
	})
}
