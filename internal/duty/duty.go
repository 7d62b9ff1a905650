// Package duty keeps everything that has a deadline and somebody responsible:
// destroy this list, close this membership. One engine shows, reminds,
// escalates and records. It knows kinds, numbers, dates and who is
// responsible; what a duty is about is the business of the room that made it.
package duty

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Kind says what a duty is about; its words are duty.kind.<kind>.* in the
// catalogue.
type Kind string

const (
	DestroyList     Kind = "destroy-list"      // D12: Subject is the list's number
	CloseMembership Kind = "close-membership"  // D6: Subject is the person who resigned
	ConfirmErasure  Kind = "confirm-erasure"   // D7: a second pair of eyes is asked for; Subject is the person
	ConfirmMerge    Kind = "confirm-merge"     // two cards are to become one; Subject is the person whose card goes
	CorrectMember   Kind = "correct-member"    // Art. 16: a member asks for another name or birth date; Subject is the person
	Transfer        Kind = "transfer"          // somebody wants to move; Subject is the case's number
	Application     Kind = "application"       // somebody wants to join; Subject is the application's number
	ApplicantAlike  Kind = "application-alike" // an applicant may be a member already; Subject is the application's number
	KeyShares       Kind = "key-shares"        // the master key of now has no shares; Subject is 1, the keyring
	NonPayment      Kind = "non-payment"       // members have not paid and patience has ended; Subject is the body, 0 for all
	CopyBehind      Kind = "copy-behind"       // D7: a copy of the keyring does not follow; Subject is the place's number
	TellRecipient   Kind = "tell-recipient"    // L3: a holder outside has not confirmed what it was told; Subject is the notice's number
	SweepBrake      Kind = "sweep-brake"       // a sweep would take too much and asks two persons; Subject is the brake's number
	CheckClock      Kind = "clock"             // the clock has jumped and nothing is swept; Subject is 1
	PostLetters     Kind = "post-letters"      // letters wait to be printed and posted; Subject is 1, the queue

	RestoreDrill Kind = "restore-drill" // an archive is to be brought back as a trial; Subject is 1
	BackupLate   Kind = "backup-late"   // no archive has succeeded for two days; Subject is 1
	JournalEpoch Kind = "journal-epoch" // the register was put back by others; Subject is 1
	DecideGrant  Kind = "decide-grant"  // D9: a proposed access waits for the body's decision; Subject is the case's number
	RenewGrant   Kind = "renew-grant"   // D9: a documented access runs out; Subject is the case's number
	PlanMeeting  Kind = "plan-meeting"  // the season's general meeting is not planned; Subject is the body
	SendNotice   Kind = "send-notice"   // the notice of a meeting must be out; Subject is the meeting's number
	CloseMeeting Kind = "close-meeting" // the minutes of a meeting are to be noted; Subject is the meeting's number
	EnterBoard   Kind = "enter-board"   // a meeting has elected, and the new board is not entered; Subject is the meeting's number
	AnswerReview Kind = "answer-review" // D14: a body's accesses wait for an answer; Subject is the review's number
	CloseReview  Kind = "close-review"  // D14: a review is brought to its end; Subject is its number
	ReviewHold   Kind = "review-hold"   // an erasure waits, and what for ends; Subject is the person

	SignAgreement        Kind = "sign-agreement"        // N2: a body is to sign; Subject is the agreement's number
	ReceiveAgreement     Kind = "receive-agreement"     // N2: a signed agreement is to be looked at; Subject is its number
	CountersignAgreement Kind = "countersign-agreement" // N2: the other side is to sign; Subject is the agreement's number
	ProcessorChange      Kind = "processor-change"      // Art. 28(2): a new sub-processor; Subject is its number
	AnswerObjection      Kind = "answer-objection"      // a body objects to one; Subject is its number

	PublishProcedure Kind = "publish-procedure" // D15: the published procedure no longer fits; Subject is 1
	PublishGuideline Kind = "publish-guideline" // D12: nor does the guideline on keeping; Subject is 1
	// a message to members waits for somebody's yes; Subject is the mailing's number
	ApproveMailing Kind = "approve-mailing"
	// D5, D13: a requisition waits for a decision; Subject is its number
	DecideRequisition Kind = "decide-requisition"
	Exception         Kind = "list-exception" // D12: somebody asks to keep a list longer; Subject is the exception's number
	ListLost          Kind = "list-lost"      // D12, L4: a list is lost; was it a breach? Subject is the exception's number
	InformMembers     Kind = "inform-members" // L9: members of a body were not told of its declaration; Subject is the body
	SettlePapers      Kind = "settle-papers"  // N10: signed papers came back and wait to be entered; Subject is the body
	CloseMany         Kind = "close-many"     // D6: a second person is asked about many closings; Subject is the batch's number

	AnswerAudit  Kind = "answer-audit"  // N13: a body's part of the yearly audit waits; Subject is the audit's number
	CloseAudit   Kind = "close-audit"   // N13: an audit is brought to its end; Subject is its number
	SettleChange Kind = "settle-change" // N13: what a body told of waits to be settled; Subject is the case's number
	// N4–N16: of a body's privacy declaration; Subject is the body in all of them
	Declare             Kind = "declare"              // there is none
	DeclarationDrift    Kind = "declaration-drift"    // it no longer says what the register does
	LookDeclaration     Kind = "declaration-look"     // it is to be looked through for the year
	ReviewDeclaration   Kind = "declaration-review"   // a draft waits for somebody else
	AnnounceDeclaration Kind = "declaration-announce" // members are to be told of the newest version
)

const (
	PassOnward    Kind = "pass-onward"    // N12: what has changed is to be passed on; Subject is the recipient's number
	PassingAnswer Kind = "passing-answer" // N12, L3: a recipient has not acknowledged a batch; Subject is the batch's number
	PassingBrake  Kind = "passing-brake"  // a run would pass on or take back many and asks a second person; Subject is the run's number
	PassingGone   Kind = "passing-gone"   // N12: a recipient's address is no more, so it is paused; Subject is the recipient's number
)

// Duty is one thing to do by a day. Either Person is responsible, or whoever
// holds a right to Act in Unit (0: in the secretariat).
type Duty struct {
	ID        int64
	Kind      Kind
	Subject   int64
	Unit      unit.ID
	Person    vault.PersonID // 0: everybody with the right
	Act       string         // an act's code in the charter; "" where Person is named
	DueOn     civil.Date     // in the charter's zone; the last day that is in time
	CreatedAt time.Time

	DoneAt      time.Time // zero while open
	DoneBy      vault.PersonID
	Outcome     string // "done", "withdrawn", or a word of the room
	RemindedAt  time.Time
	EscalatedAt time.Time
}

// State is how a duty stands on a day. It is shown by shape and word, never by
// colour alone.
type State string

const (
	Done  State = "done"
	Late  State = "late"  // past its day
	Soon  State = "soon"  // within a week
	Later State = "later" // not yet
)

// soonDays is how many days before its deadline a duty counts as soon and is
// reminded of.
const soonDays = 7

// StateOn says how the duty stands on a day.
func (d *Duty) StateOn(today civil.Date) State {
	left := d.DueOn.DaysSince(today)
	switch {
	case !d.DoneAt.IsZero():
		return Done
	case left < 0:
		return Late
	case left <= soonDays:
		return Soon
	}
	return Later
}
