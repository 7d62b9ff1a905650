// Package look is the visual language of Kartotek: typed templ components, the
// style and the few scripts they need. A person is an index card, the log a
// ledger, the year a wheel. It knows locale and fault (to put errors into words)
// and nothing of members, rights or routes: pages hand it texts and components.
//
// # How a page is composed
//
// Every component is a struct that is itself a templ.Component; small ones are
// functions. A component that holds others is opened with With:
//
//	templ Duties(v DutiesView) {
//		@look.Page{Title: v.Title, Organisation: v.Party, Label: v.Label, Tabs: v.Tabs}.With() {
//			@look.Head{Title: v.Greeting, Lead: v.Lead}.With() {
//				@look.LinkButton{Text: v.PullText, URL: "/lists/pull"}
//			}
//			<div class="split">
//				<div class="stack">
//					@look.Card{ID: "duties", Title: v.DutiesTitle}.With() {
//						@look.Duties(v.Duties)
//					}
//					@look.Because{Lead: v.BecauseLead, Text: v.BecauseText}
//				</div>
//				@look.Card{ID: "year", Title: v.YearTitle}.With() {
//					@look.Body() {
//						@v.Wheel
//					}
//					@v.Wheel.Key()
//				}
//			</div>
//		}
//	}
//
// Texts come from the page, already in the reader's language. The few words that
// belong to a component ("Side 2 af 13", "Fejl:") are taken from the printer in
// the context, which the face puts there once a request:
//
//	ctx := look.In(r.Context(), locale.For("da"))
//	err := page.Render(ctx, w)
//
// templ leaves no space around a component in running text: write { " " }, or Run,
// which puts one between its parts. In Go code a container takes children by Of:
// look.Card{Title: "Nyt"}.With().Of(a, b). An act that fails gives Explain(p, err):
// the Problems go on top of the form, problems.For("email") to its field.
//
// The package gallery composes every page of the product this way; to see them, run
//
//	KARTOTEK_GALLERY=/tmp/gallery go test -run TestGallery ./internal/web/look
//
// After changing a .templ file: go tool templ generate -path internal/web.
//
// Layout is a handful of classes on plain elements: stack and stack-s (space
// between siblings), split and split even (two columns), sticky, narrow and door
// (one column), soft and small (text that matters less), typed (numbers to
// compare), sr (for screen readers only), no-print.
//
// # What holds everywhere
//
//   - No inline style or script, no third party: Policy is the header to send.
//   - Everything works without scripts. They only save a page load: data-search,
//     data-submit, data-open, data-print and data-poll are written by Search,
//     Select, Button and Progress, and act on a Region.
//   - State is never colour alone: a Tone always has a shape and a word.
//   - Nothing personal enters a URL: Search posts, and the pages of its answer
//     are buttons of its form (Pages.Form).
//   - Ids are the page's business: give ID where two things would share a name.
package look

import (
	"context"

	"kartotek/internal/locale"
)

type printerKey struct{}

// In returns a context whose components speak the printer's language.
func In(ctx context.Context, p *locale.Printer) context.Context {
	return context.WithValue(ctx, printerKey{}, p)
}

// Printer returns the printer that components of ctx speak with; without one
// it is Danish. It is never nil.
func Printer(ctx context.Context) *locale.Printer {
	if p, ok := ctx.Value(printerKey{}).(*locale.Printer); ok && p != nil {
		return p
	}
	return locale.For("")
}

// Tone is the state of a thing. It always shows as shape, word and colour together.
type Tone uint8

const (
	Calm Tone = iota // nothing to do; a square
	Note             // later; a ring
	Soon             // within days; a diamond
	Late             // over the date, or broken; a triangle
	OK               // done; a tick
)

// class is the tone's class in the style.
func (t Tone) class() string {
	switch t {
	case Note:
		return "note"
	case Soon:
		return "soon"
	case Late:
		return "late"
	case OK:
		return "ok"
	default:
		return "calm"
	}
}
