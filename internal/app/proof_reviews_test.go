package app_test

import (
	"regexp"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/grant"
	"kartotek/internal/review"
)

// soonReviewed lets a review ask, warn and suspend within the days the proof has.
var soonReviewed = regexp.MustCompile(`(\[(?:review\.(?:answer|grace)|audit\.answer)-days\][^\n]*\s+value = )\d+`)

// reviews lets a review be opened, answered, suspended and closed, with one of them in
// it: what was frozen of them, what was said, and the report.
func (p *proof) reviews() {
	ctx, must := p.Context(), p.Must
	id := p.proposed("neighbour", "chair")
	_, err := p.Grants.Decide(ctx, p.As("officer"), id, grant.Decision{
		Approve: true, Meeting: charter.ByBoard, Met: p.Access.Today(), Minutes: "Xylofonreferatet, punkt 1", Reason: "Zirkonvej skal have bladet", Apart: true,
	})
	must(err)
	r, err := p.Reviews.OpenByHand(ctx, p.As("anna"), "Xylofonbladet er spurgt til")
	must(err)
	var line int64
	for _, by := range []string{"chair", "anna", "bo"} {
		o, err := p.Reviews.Overview(ctx, p.As(by), r.ID)
		must(err)
		for _, body := range o.Bodies {
			sheet, err := p.Reviews.Sheet(ctx, p.As(by), r.ID, body.Unit)
			must(err)
			for _, l := range sheet.Lines {
				switch {
				case l.Person == p.Person("neighbour"):
					line = l.ID
				case !l.State.Settled() && l.Person != p.Person(by):
					_, err := p.Reviews.Answer(ctx, p.As(by), l.ID, review.Confirmed, "Zirkonkredsen har set det igennem")
					must(err)
				}
			}
		}
	}
	for range 2 { // warned, then suspended
		p.Clock.Add(8 * 24 * time.Hour)
		must(p.Reviews.Daily(ctx))
	}
	_, err = p.Reviews.Answer(ctx, p.As("chair"), line, review.Ended, "Xylofonbladet trykkes et andet sted")
	must(err)
	_, err = p.Reviews.Close(ctx, p.As("anna"), r.ID, "Xylofonbladet er set efter")
	must(err)
	_, err = p.Reviews.Report(ctx, p.As("bo"), r.ID, "da")
	must(err)
}
