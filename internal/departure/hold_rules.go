package departure

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// longestGrounds is how much somebody may write, in characters.
const longestGrounds = 2000

// LatestHold is the last day a hold decided on a day may have.
func LatestHold(c *charter.Charter, today civil.Date) civil.Date {
	return civil.DateOf(time.Date(today.Year, today.Month, today.Day, 0, 0, 0, 0, time.UTC).AddDate(0, c.Holds.Months.Value, 0))
}

// checkHold validates what somebody wants to hold an erasure for. leaving says
// whether the person is on the way out: whoever is a member sees what is known
// about them, so nothing about them is silent.
func checkHold(c *charter.Charter, h *Hold, today civil.Date, leaving bool) error {
	invalid := fault.New(fault.Invalid, "departure.error.hold")
	if !slices.Contains(HoldKinds, h.Kind) {
		invalid = invalid.With("kind", "departure.error.hold_kind")
	}
	if key := groundsFault(h.Grounds); key != "" {
		invalid = invalid.With("grounds", key, "limit", longestGrounds)
	}
	if key := untilFault(c, h.Until, today); key != "" {
		invalid = invalid.With("until", key, "count", c.Holds.Months.Value)
	}
	if h.Silent && (h.Kind != HoldInvestigation || !c.Holds.SilentInvestigation.Value || !leaving) {
		invalid = invalid.With("silent", "departure.error.hold_silent")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// checkRenewal validates a longer wait: grounds that are not the old ones, a later
// day, and another person than the one who decided last.
func checkRenewal(c *charter.Charter, h *Hold, by vault.PersonID, grounds string, until, today civil.Date) error {
	if h.By == by {
		return fault.New(fault.Denied, "departure.error.hold_other")
	}
	invalid := fault.New(fault.Invalid, "departure.error.hold")
	if key := groundsFault(grounds); key != "" {
		invalid = invalid.With("grounds", key, "limit", longestGrounds)
	} else if strings.EqualFold(strings.TrimSpace(grounds), strings.TrimSpace(h.Grounds)) {
		invalid = invalid.With("grounds", "departure.error.hold_same")
	}
	if key := untilFault(c, until, today); key != "" {
		invalid = invalid.With("until", key, "count", c.Holds.Months.Value)
	} else if !until.After(h.Until) {
		invalid = invalid.With("until", "departure.error.hold_sooner")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

func groundsFault(grounds string) string {
	switch {
	case strings.TrimSpace(grounds) == "":
		return "departure.error.hold_grounds"
	case utf8.RuneCountInString(grounds) > longestGrounds:
		return "departure.error.hold_long"
	}
	return ""
}

func untilFault(c *charter.Charter, until, today civil.Date) string {
	switch {
	case !until.IsValid() || until.Before(today):
		return "departure.error.hold_until"
	case until.After(LatestHold(c, today)):
		return "departure.error.hold_late"
	}
	return ""
}
