// Package joining is how somebody becomes a member by the application form: sent
// without an account, confirmed from a mail, recommended by a member and decided
// by a body where the charter wants that. It knows ids, bodies, states and dates;
// what an applicant has said is sealed under a key of their own from the start.
//
//	started ──prove──▶ waiting
//	started ──seek──▶ unsponsored
//	unsponsored ──recommend──▶ waiting
//	waiting ──ask──▶ asked
//	asked ──answer──▶ waiting
//	waiting ──accept──▶ agreed
//	asked ──accept──▶ agreed
//	agreed ──arrive──▶ accepted
//	agreed ──refuse──▶ declined
//	waiting ──decline──▶ declined
//	asked ──decline──▶ declined
//	started ──lapse──▶ ended
//	unsponsored ──lapse──▶ ended
//	waiting ──lapse──▶ ended
//	asked ──lapse──▶ ended
//	declined ──lapse──▶ ended
//	started ──withdraw──▶ ended
//	unsponsored ──withdraw──▶ ended
//	waiting ──withdraw──▶ ended
//	asked ──withdraw──▶ ended
//	agreed ──withdraw──▶ ended
//	declined ──withdraw──▶ ended
//
// Whether somebody is a member shows nowhere. The form answers an address that a
// member has like any other; only the mail, which nobody else reads, says so. Who
// an applicant names as their sponsor is looked up later, by the scheduled work,
// and an applicant waits for a sponsor who does not exist as for one who does not
// answer.
//
// Nobody gets a second card. A likely match with a member is put before that
// member, who says after signing in whether it is them, and before whoever
// reaches the whole register; a body learns of those who are its own members, and
// of no others (D11). Whom it accepts becomes a member on a day that is the same
// whether they are one elsewhere or nowhere, told before it decides: somebody new
// gets a card; a member moves, or gets a second membership, as the charter has it;
// and of whom nobody has said which, neither. Such a "no" is a hint, as it is with
// an officer's addition, and the mail to the member tells of who asked for it.
//
// What ends is erased with its key: nothing of an application is left but lines
// of the journal that lead nowhere (GDPR Art. 5(1)(e)).
package joining

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is where an application is.
type State string

const (
	Started     State = "started"     // the address is not confirmed
	Unsponsored State = "unsponsored" // waits for a member's recommendation
	Waiting     State = "waiting"     // waits for a decision
	Asked       State = "asked"       // the applicant has been asked for more
	Agreed      State = "agreed"      // whoever decides has said yes; waits for its day
	Accepted    State = "accepted"    //
	Declined    State = "declined"    //
	Ended       State = "ended"       // withdrawn or run out; is erased
)

// Reasons an application is declined for: a catalogue, so that nobody writes
// about a person.
var Reasons = []string{"bylaws", "sponsor", "body", "member", "board"}

// unconfirmed is why an accepted application came to nothing: who the applicant is
// was not settled by the day.
const unconfirmed = "unconfirmed"

// Application is one application. Its columns are clear and hold ids, states and
// dates; what it says is sealed.
type Application struct {
	ID      int64 // eight digits, drawn: a running number would tell how many came between
	State   State
	Person  vault.PersonID // who applies; on acceptance the member
	Unit    unit.ID        // 0: the secretariat chooses
	Looked  bool           // the scheduled work has looked for sponsor and match
	MadeAt  time.Time
	DueOn   civil.Date // it ends by itself after this day; once agreed, the day they become a member
	EndedAt time.Time  // zero while open

	Form Form // sealed
	hash []byte
}

// Form is what an applicant has said and what was found out: a record of the
// applicant.
type Form struct {
	Draft       member.Draft
	Token       string // the secret in the applicant's mails
	Sought      string // the sponsor as the applicant named them: a number or an address
	Sponsor     vault.PersonID
	Recommended civil.Date
	Confirmed   civil.Date       // the address
	Alike       []vault.PersonID // members who seem to be the applicant, until it is settled
	Same        vault.PersonID   // the member the applicant is, as they say themselves, or the secretariat
	Distinct    bool             // the secretariat says that the applicant is somebody else
	Denied      []vault.PersonID // of those alike: who say that it is not them
	Question    string           // what they were asked, and what they answered
	Answer      string
	Reason      string // why it was declined
}

// Name is what the applicant is called.
func (f *Form) Name() string { return f.Draft.Name() }

// Forms are records of whoever applies, by the application's id.
var Forms = record.Declare(record.Kind[Form]{
	Number: 65, Name: "application", Class: vault.Membership, Retention: "application",
	Encode: func(dst []byte, f *Form) []byte {
		w := record.Writer{Bytes: dst}
		d := &f.Draft
		w.Uint(1, uint64(d.Unit)).String(2, d.Category).String(3, d.Language).Texts(4, d.Values).
			String(5, f.Token).String(6, f.Sought).Uint(7, uint64(f.Sponsor)).Date(8, f.Recommended).
			String(9, f.Question).String(10, f.Answer).String(11, f.Reason)
		for _, person := range f.Alike {
			w.Uint(12, uint64(person))
		}
		w.Uint(13, uint64(f.Same)).Bool(14, f.Distinct).Date(15, f.Confirmed)
		for _, person := range f.Denied {
			w.Uint(16, uint64(person))
		}
		return w.Bytes
	},
	Decode: func(src []byte, f *Form) error {
		*f = Form{Draft: member.Draft{Values: map[string]string{}}}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				f.Draft.Unit = unit.ID(r.Uint())
			case 2:
				f.Draft.Category = r.String()
			case 3:
				f.Draft.Language = r.String()
			case 4:
				r.TextInto(f.Draft.Values)
			case 5:
				f.Token = r.String()
			case 6:
				f.Sought = r.String()
			case 7:
				f.Sponsor = vault.PersonID(r.Uint())
			case 8:
				f.Recommended = r.Date()
			case 9:
				f.Question = r.String()
			case 10:
				f.Answer = r.String()
			case 11:
				f.Reason = r.String()
			case 12:
				f.Alike = append(f.Alike, vault.PersonID(r.Uint()))
			case 13:
				f.Same = vault.PersonID(r.Uint())
			case 14:
				f.Distinct = r.Bool()
			case 15:
				f.Confirmed = r.Date()
			case 16:
				f.Denied = append(f.Denied, vault.PersonID(r.Uint()))
			}
		}
		return r.Err()
	},
	Words: func(f *Form) []record.Line { // the secret is left out, and so is who else it may be
		var lines []record.Line
		add := func(key, value string) {
			if value != "" {
				lines = append(lines, record.Line{Key: key, Value: value})
			}
		}
		if f.Draft.Unit != 0 {
			add("joining.record.unit", strconv.FormatUint(uint64(f.Draft.Unit), 10))
		}
		for _, code := range slices.Sorted(maps.Keys(f.Draft.Values)) {
			add("member.field."+code, f.Draft.Values[code])
		}
		add("joining.record.sponsor", f.Sought)
		if !f.Recommended.IsZero() {
			add("joining.record.recommended", f.Recommended.String())
		}
		if !f.Confirmed.IsZero() {
			add("joining.record.address", f.Confirmed.String())
		}
		add("joining.record.question", f.Question)
		add("joining.record.answer", f.Answer)
		if f.Reason != "" {
			lines = append(lines, record.Line{Key: "joining.record.reason", ValueKey: "joining.reason." + f.Reason})
		}
		return lines
	},
})

// Informed is what an applicant was told before they sent anything (L9, Art. 13).
// It stays when they become a member.
type Informed struct {
	On        civil.Date
	Language  string
	Version   string // digest of the charter the text was made from
	Confirmed bool   // they confirmed having read it, where the charter asks (N10)
}

// Told are records of whoever was informed, id 1: they apply once.
var Told = record.Declare(record.Kind[Informed]{
	Number: 66, Name: "informed", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, i *Informed) []byte {
		w := record.Writer{Bytes: dst}
		return w.Date(1, i.On).String(2, i.Language).String(3, i.Version).Bool(4, i.Confirmed).Bytes
	},
	Decode: func(src []byte, i *Informed) error {
		*i = Informed{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				i.On = r.Date()
			case 2:
				i.Language = r.String()
			case 3:
				i.Version = r.String()
			case 4:
				i.Confirmed = r.Bool()
			}
		}
		return r.Err()
	},
	Words: func(i *Informed) []record.Line {
		lines := []record.Line{{Key: "joining.record.informed", Value: i.On.String()}, {Key: "joining.record.version", Value: i.Version}}
		if i.Confirmed {
			lines = append(lines, record.Line{Key: "joining.record.confirmed", ValueKey: "member.yes"})
		}
		return lines
	},
})
