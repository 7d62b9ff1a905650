// Package consent is informing and consent (N10, N11, L5, L9; GDPR Art. 4(11), 7, 13,
// 14). It keeps who has been told of which version of the declaration, how and when,
// and what a member has agreed to where consent is the basis and nothing else is: each
// question on its own, nothing ticked beforehand, on the web or on paper that the club
// keeps. What was shown is known by its hash and version. A consent is taken back with
// one press, and nothing remembers it elsewhere: whoever needs one asks Stands or
// Agreed each time.
//
//	        ┌──────────── Give ───────────┐
//	        ▼                             │
//	given ──┬── the declaration changes ──▶ again ── Give ──▶ renewed, and a new one is given
//	        ├── Withdraw ──▶ withdrawn  ◀── Withdraw ──┘
//	        └── its months are over ──▶ over
//
// There is no table: everything is a sealed record of the person it is about, so that
// erasing them takes the proof with them. A scan of a sheet is cut into its lines before
// anything of it is kept, so that no paper of several persons lies anywhere.
package consent

import (
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is how a consent is.
type State string

const (
	Given     State = "given"
	Again     State = "again"     // the declaration changed materially: it is asked again
	Renewed   State = "renewed"   // it was asked again, and answered by another
	Withdrawn State = "withdrawn" //
	Over      State = "over"      // its months are over
)

// How somebody was informed, or said yes or no.
const (
	ByWeb         = "web"
	ByMail        = "mail"
	ByLetter      = "letter"
	BySheet       = "sheet"       // a line of a signature sheet
	BySlip        = "slip"        // a reply slip
	ByPaper       = "paper"       // another paper, whose place is written down
	ByApplication = "application" // when they applied (N10)
)

// Version is a version of a body's declaration; Number 0 is none.
type Version struct {
	Unit   unit.ID
	Number int64
	Hash   string // SHA-256 of the text in the language it was shown in, hexadecimal
}

// Consent is one yes of a person with everything that proves it (GDPR Art. 7(1)).
type Consent struct {
	ID       uint64
	Code     string
	Purposes []string // of a disclosure: what for, as it was asked
	Asked    string   // the words said yes to
	Hash     string   // SHA-256 of all that was shown, hexadecimal
	Lang     string
	Version  Version // the declaration that stood
	EndsAt   time.Time

	GivenAt time.Time
	GivenBy vault.PersonID // the person, or whoever entered it from paper
	How     string
	Known   string // how the person was identified: a word of consent.known.*
	Paper   string // where the signed paper lies
	Line    uint64 // the line of a sheet or slip it was signed on; its record's number

	AgainAt   time.Time // the declaration changed materially
	ToldAt    time.Time // that it is asked again
	RenewedAt time.Time

	WithdrawnAt  time.Time
	WithdrawnBy  vault.PersonID
	WithdrawnHow string
}

// State says how the consent is at a moment.
func (c *Consent) State(now time.Time) State {
	switch {
	case !c.WithdrawnAt.IsZero():
		return Withdrawn
	case !c.RenewedAt.IsZero():
		return Renewed
	case !c.EndsAt.IsZero() && !now.Before(c.EndsAt):
		return Over
	case !c.AgainAt.IsZero():
		return Again
	}
	return Given
}

// Stands reports whether the consent opens what it is for at a moment. One that is
// asked again rests or stands as the charter has it.
func (c *Consent) Stands(rules *charter.Charter, now time.Time) bool {
	k, known := rules.Consent(c.Code)
	if !known {
		return false // nobody is asked any more
	}
	state := c.State(now)
	return state == Given || state == Again && k.Changed == charter.ConsentStands
}

// Open reports whether the consent can still be withdrawn.
func (c *Consent) Open(now time.Time) bool {
	state := c.State(now)
	return state == Given || state == Again
}

// Informed is that a person was told of a version of the declaration (L9; Art. 13, 14).
type Informed struct {
	Version Version
	At      time.Time
	Lang    string
	How     string
	By      vault.PersonID // whoever informed them; the person themselves on the web
	Line    uint64         // the line of a sheet they signed
}
