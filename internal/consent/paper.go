package consent

import (
	"time"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Paper is what one person signs by hand: a line of a body's sheet, or the slip with a
// letter. It is a record of that person, made when it is printed, and what was asked
// lies in it, so that a signature is to the words that stood there.
//
// Several persons share a sheet. Whoever signs sees the names above theirs, as at any
// meeting; but what a neighbour ticked is not the next one's business, nor that of
// whoever asks for everything about themselves. A page as it was scanned would be
// about all of them at once: it could be shown to none of them whole, and not be
// erased for one without going for the others. So a page is never kept. Each line is
// cut out between its two codes before anything is written, and lies under the key of
// the one person it is about: erased with them, shown to them whole. The sheet is
// printed with a line to cut along, where a club would rather hand out strips.
//
//	        Scan, Typed          Settle
//	printed ───────────▶ waiting ───────▶ settled
//	   └── its days are over, EndSheet ──▶ gone
type Paper struct {
	ID      uint64
	Code    string // what the square says; drawn at random, it is good for this paper once
	Sheet   uint64 // 0 for a slip
	Letter  int64  // of a slip: the letter it went with
	Body    unit.ID
	Version Version // the declaration named on it
	Lang    string
	Height  float64 // millimetres
	Asked   []Asked
	AgainAt time.Time // the declaration changed materially after it was printed

	PrintedAt time.Time
	PrintedBy vault.PersonID
	ScannedAt time.Time // or its code was typed
	ScannedBy vault.PersonID
	Pictured  bool // a picture of it is kept

	SettledAt time.Time
	SettledBy vault.PersonID
	Signed    bool
	Gave      []string
	Back      []string
	Wishes    []string // what else a slip says: WishCorrect, WishResign
}

// Asked is one box as it was printed.
type Asked struct {
	Code     string
	Name     string
	Text     string
	Hash     string // of all that was shown with it
	Purposes []string
}

// What a slip can say beside consents.
const (
	WishCorrect = "correct" // what is written on it is to be corrected (Art. 16)
	WishResign  = "resign"  // the membership ends (D6)
)

// Slip reports whether it went with a letter.
func (p *Paper) Slip() bool { return p.Sheet == 0 }

// Waits reports whether it came back and nobody has entered what it says.
func (p *Paper) Waits() bool { return !p.ScannedAt.IsZero() && p.SettledAt.IsZero() }

// Out reports whether it is printed and did not come back.
func (p *Paper) Out() bool { return p.ScannedAt.IsZero() && p.SettledAt.IsZero() }

func (p *Paper) how() string {
	if p.Slip() {
		return BySlip
	}
	return BySheet
}

// at most so many stand on a sheet: what one transaction writes and a hand leafs through.
const sheetLines = 1000
