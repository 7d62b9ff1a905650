package report

import (
	"kartotek/internal/member"
)

// Cut is by what members are told apart; numbers are stored.
type Cut uint8

const (
	Whole    Cut = 1 // not at all
	BySex    Cut = 2
	ByAge    Cut = 3
	ByJoined Cut = 4
	ByFlow   Cut = 5 // who came and who went
)

// cutNames are stable: commands and addresses have them.
var cutNames = map[Cut]string{Whole: "all", BySex: "sex", ByAge: "age", ByJoined: "joined", ByFlow: "flow"}

func (c Cut) String() string { return cutNames[c] }

// CutNamed finds a cut by name.
func CutNamed(name string) (Cut, bool) {
	for c, known := range cutNames {
		if known == name {
			return c, true
		}
	}
	return 0, false
}

// A cut has cells, the finest there are, and levels, from the broadest to the
// finest. Each level puts every cell into one of its bands, and every band of a
// level lies within one of the level before: so a fine row sums to the broad one.
//
// The bands are the same for every body and every day: what is compared is alike.
// Who is not told apart stands with the largest band of the broad levels, which says
// so.
type level struct {
	bands []string // message keys report.band.<name>
	of    []int    // the band of each cell
}

type cutting struct {
	cells  int
	levels []level
}

// Cells of BySex.
const (
	female = iota
	male
	otherSex
	sexUnknown
)

// Cells of ByAge: under 25, ten years each, 75 and older, unknown.
const (
	ageBands   = 7
	ageUnknown = ageBands
)

// Cells of ByJoined, counted back from the year of the count: that year and the nine
// before it, earlier, unknown.
const (
	joinedYears   = 10
	joinedEarlier = joinedYears
	joinedUnknown = joinedYears + 1
)

// Cells of ByFlow.
const (
	flowJoined = iota
	flowArrived
	flowLeft
	flowMoved
)

var cuts = map[Cut]cutting{
	Whole: {1, []level{{[]string{"all"}, []int{0}}}},
	BySex: {4, []level{
		{[]string{"female", "not_female"}, []int{0, 1, 1, 1}},
		{[]string{"female", "male", "other_or_unknown"}, []int{0, 1, 2, 2}},
	}},
	ByAge: {ageBands + 1, []level{
		{[]string{"to_44", "from_45_or_unknown"}, []int{0, 0, 0, 1, 1, 1, 1, 1}},
		{[]string{"to_34", "35_44", "45_64", "from_65_or_unknown"}, []int{0, 0, 1, 2, 2, 3, 3, 3}},
		{[]string{"to_24", "25_34", "35_44", "45_54", "55_64", "65_74", "from_75", "unknown"}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
	}},
	ByJoined: {joinedYears + 2, []level{
		{[]string{"five_years", "earlier_or_unknown"}, []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1}},
		{[]string{"five_years", "ten_years", "earlier_or_unknown"}, []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2}},
		{
			[]string{"year", "year", "year", "year", "year", "year", "year", "year", "year", "year", "earlier", "unknown"},
			[]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
		},
	}},
	ByFlow: {4, []level{
		{[]string{"came", "went"}, []int{0, 0, 1, 1}},
		{[]string{"joined", "arrived", "left", "moved"}, []int{0, 1, 2, 3}},
	}},
}

// Bands are the message keys of a level's bands.
func (c Cut) Bands(level int) []string {
	if of := cuts[c].levels; level >= 0 && level < len(of) {
		return of[level].bands
	}
	return nil
}

// cellOf is the cell of a cut that somebody stands in who was counted in a year.
func cellOf(c Cut, h *member.Head, year int) int {
	switch c {
	case BySex:
		switch h.Sex {
		case "female":
			return female
		case "male":
			return male
		case "":
			return sexUnknown
		}
		return otherSex
	case ByAge:
		if h.Age < 0 {
			return ageUnknown
		}
		return min(max(0, (h.Age-15)/10), ageBands-1)
	case ByJoined:
		switch back := year - h.Joined; {
		case h.Joined == 0:
			return joinedUnknown
		case back >= joinedYears:
			return joinedEarlier
		default:
			return max(0, back)
		}
	}
	return 0
}

// cellOfKind is the cell of ByFlow of what happened, and what it adds; 0 for what is
// no coming and no going.
func cellOfKind(k Kind) (cell, adds int) {
	switch k {
	case Joined:
		return flowJoined, 1
	case Arrived:
		return flowArrived, 1
	case Left:
		return flowLeft, 1
	case Moved:
		return flowMoved, 1
	case Stayed:
		return flowLeft, -1
	}
	return 0, 0
}

// sums puts cells into the bands of a level.
func (l *level) sums(cells []int) []int {
	sums := make([]int, len(l.bands))
	for cell, n := range cells {
		sums[l.of[cell]] += n
	}
	return sums
}
