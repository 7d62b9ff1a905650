package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
)

// longestGrounds is how much somebody may write, in characters.
const longestGrounds = 2000

// canBecome reports whether the package's diagram has the arrow.
func (s Standing) canBecome(next Standing) bool { return slices.Contains(moves[s], next) }

// LatestExtra is the last day an exception can give a list: the charter's days beyond
// the day it was pulled with, however many exceptions there have been.
func LatestExtra(c *charter.Charter, l *List, before []Exception) civil.Date {
	first := l.DestroyBy
	for i := range before {
		if e := &before[i]; e.Standing == Granted && e.From.Before(first) {
			first = e.From
		}
	}
	return first.AddDays(c.Destruction.ExtraDays.Value)
}

// checkLonger validates a wish to keep a list longer: grounds, and a day beyond the one
// it has, not past, and within the charter's limit.
func checkLonger(c *charter.Charter, l *List, before []Exception, until, today civil.Date, grounds string) error {
	invalid := fault.New(fault.Invalid, "extract.error.exception")
	if key := groundsFault(grounds); key != "" {
		invalid = invalid.With("grounds", key, "limit", longestGrounds)
	}
	latest := LatestExtra(c, l, before)
	switch {
	case !until.IsValid() || until.Before(today):
		invalid = invalid.With("until", "extract.error.until")
	case !until.After(l.DestroyBy):
		invalid = invalid.With("until", "extract.error.until_sooner", "date", l.DestroyBy)
	case until.After(latest):
		invalid = invalid.With("until", "extract.error.until_late", "date", latest)
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

func groundsFault(grounds string) string {
	switch {
	case strings.TrimSpace(grounds) == "":
		return "extract.error.grounds"
	case utf8.RuneCountInString(grounds) > longestGrounds:
		return "extract.error.grounds_long"
	}
	return ""
}

// answerFault is what is wrong with what somebody wrote who decides.
func answerFault(answer string) error {
	if key := groundsFault(answer); key != "" {
		return fault.New(fault.Invalid, "extract.error.decision").With("grounds", key, "limit", longestGrounds)
	}
	return nil
}

// blocks reports whether a list past its day keeps its holder from the next: the
// charter says so, and the purpose is not one the bylaws call for (D12, L8).
func blocks(c *charter.Charter, p *charter.Purpose) bool {
	return c.Destruction.NoNewList.Value && !p.Statutory
}
