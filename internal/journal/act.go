package journal

// Act is what was done. Numbers are stored for ever: an act is never given
// another number, and a number never another act.
type Act uint8

// The acts, in groups with room to grow. The first group are readings: the
// journal tells passed in a search, opened and left on a list apart, because
// they weigh differently for the person they concern.
const (
	Search Act = 1 // passed in a search: shown as one hit among others
	Opened Act = 2 // a member's card was opened (Open is the journal's constructor)
	List   Act = 3 // left the register on a list; Number is the list's
	Shown  Act = 4 // names of officers were shown
	Answer Act = 5 // a person was told, or handed, all that is known (Art. 15, 20)
	Log    Act = 6 // the journal itself was read
	Access Act = 7 // the list of who has access was pulled (D3)
	Find   Act = 8 // the store was searched for remains of a person
	Export Act = 9 // data were exported in bulk, not as a list of members

	Trace Act = 118 // a list found was held against the lists on record; Number is its rows, Proof what it is known by

	Create   Act = 20
	Edit     Act = 21
	Import   Act = 22
	Move     Act = 23 // to another body
	Restrict Act = 24 // kept but not used (Art. 18), or no longer restricted
	Object   Act = 25 // an objection to a purpose, or its end (Art. 21)

	Household Act = 26 // a household was made, joined or left
	Split     Act = 27 // a household was parted in one step: a divorce
	Merge     Act = 28 // two entries of one person became one; both are its persons
	Category  Act = 29 // the kind of membership changed, or will from a day on

	Resign      Act = 30
	Close       Act = 31 // D6
	Undo        Act = 32 // a closing taken back in its window
	Erase       Act = 33 // D7
	Certificate Act = 34 // the certificate of erasure was handed over
	Hold        Act = 35 // an erasure was held back, or let go

	Requisition Act = 40 // a list was asked for (D13)
	Approve     Act = 41
	Refuse      Act = 42
	HandOver    Act = 43 // D5, D13
	Attest      Act = 44 // destruction attested (D12)
	Tell        Act = 45 // a recipient was told of an erasure or a change (Art. 19)

	Print      Act = 46 // letters of the house were printed, addresses on them
	Post       Act = 47 // a letter was posted, or came back
	Letter     Act = 48 // a letter of the house was read by whoever prints it
	LetterDrop Act = 49 // a letter was taken out of the queue, or put back

	Appoint Act = 50 // D8–D10
	Dismiss Act = 51 // an appointment or grant ended
	Staff   Act = 52 // D4
	Unstaff Act = 53 // a staff position ended

	Cover      Act = 54 // somebody covers a post for some days
	Handover   Act = 55 // a board was handed over, many posts in one act
	Substitute Act = 56 // somebody was elected to step in

	SignIn   Act = 60
	SignOut  Act = 61
	Denied   Act = 62 // Reason says which right was missing
	Passkey  Act = 63 // a means of signing in was added or removed
	Revealed Act = 64 // a covered address was uncovered

	Vouch      Act = 65 // an officer confirmed having seen somebody who lost their second factor
	Recover    Act = 66 // a one-time code was given: by the second of two officers, or at the console
	Recovered  Act = 67 // a one-time or a printed code was used
	OwnAddress Act = 68 // somebody confirmed an address of their own

	Start   Act = 70 // the register was opened to serve
	Charter Act = 71 // the association's rules were set or changed
	Unit    Act = 72 // a body was added, changed or closed
	Backup  Act = 73
	Restore Act = 74
	Prune   Act = 75 // entries whose retention had ended lost body and persons
	Epoch   Act = 76 // the journal was taken up again after a restore
	Duty    Act = 77 // a duty was done, passed on or dropped
	Review  Act = 78 // D14, N13

	Propose        Act = 80 // a move to another body was proposed
	Accept         Act = 81
	Decline        Act = 82
	Cancel         Act = 83 // taken back, or nobody answered in time
	Addition       Act = 84 // an officer has added somebody who waits to be confirmed (D11)
	Apply          Act = 85 // somebody applied to join
	Recommend      Act = 86 // a member recommended an applicant
	Question       Act = 87 // an applicant was asked for more
	Reject         Act = 88 // an application was declined
	ApplicationEnd Act = 89 // an application was withdrawn, or its time was over

	Round  Act = 90 // a round of calls began, or ended
	Called Act = 91 // a member was called; Reason says how it went

	KeyCopy     Act = 93  // a place with a copy of the keyring was given up, or begun anew; Number is the place's
	Rebuild     Act = 94  // the keyring was rebuilt from a copy; Number is how many persons' keys were in none
	Holder      Act = 108 // an organisation outside that holds data was declared, changed or ended
	Acknowledge Act = 109 // a holder outside answered a notice; Reason says what

	Rotate    Act = 95  // every key was wrapped anew under another master key; Number is which time
	Shares    Act = 96  // shares of the master key were printed, or it was declared how else it is kept safe
	MasterKey Act = 97  // the master key was put together from shares, or lies in another place
	DuesRates Act = 98  // what members pay in a year was set
	Charge    Act = 99  // members were charged their dues, or that was undone
	Payment   Act = 100 // a payment, a refund, a write-off or a correction was entered
	Remind    Act = 101 // bills or reminders were sent
	Arrears   Act = 102 // accounts of dues were seen: who owes what
	Kept      Act = 103 // what is kept for the accounts of those who have left was seen (L7)
	MergeAsk  Act = 120 // a colleague is asked to confirm that two entries become one; both are its persons
	MergeDrop Act = 121 // that was taken back, or refused
	Lift      Act = 104 // what made an erasure wait was ended; Hold is that it began

	Sweep       Act = 105 // a rule of retention took what had ended; Reason is the rule, Number how many
	SweepStop   Act = 106 // a sweep was stopped before it took anything, or the clock was doubted
	SweepDecide Act = 107 // somebody approved or refused a stopped sweep, or confirmed the time

	Facts         Act = 116 // counted facts were looked at; Fields say which. No person is in them
	GrantPropose  Act = 110 // D9: an access for a named person was proposed; Number is the case's
	GrantApprove  Act = 111 // the body decided, and gave it
	GrantRefuse   Act = 112
	GrantWithdraw Act = 113 // ended before its last day, or a proposal was taken back
	GrantLapse    Act = 114 // nobody decided in time

	ProcedurePublish Act = 152 // D15: a procedure or guideline was published; Number is the version's, Reason which
	ProcedureNote    Act = 153 // the association's own words in one were changed
	YearPaper        Act = 154 // the year paper of a body was made: its officers stand on it by name
	MailingSubmit    Act = 133 // a message to members waits for somebody's yes; Number is the mailing's
	MailingApprove   Act = 134
	MailingRefuse    Act = 135
	MailingSend      Act = 136 // sending began, or went on; everybody it is for is in it
	MailingStop      Act = 137 // the rest is not sent
	MailingHalt      Act = 138 // sending waits: the right it was approved by has ended
	HandoutWithdraw  Act = 122 // a requisition or its approval was taken back (D13)
	HandoutLapse     Act = 123 // nobody decided, or nobody fetched the list, in time
	HandoutCode      Act = 124 // a code to fetch a list was sent, or read out by the office
	HandoutLink      Act = 125 // the recipient got a new link
	ConsentGive      Act = 126 // a member consented to recipients outside the legal body (Art. 9(2)(d)); Fields say which
	ConsentWithdraw  Act = 127
	ConsentInform    Act = 164 // N10, L9: members were told of the declaration, or said that they have read it; its persons are they
	ConsentSheet     Act = 165 // N10: a signature sheet was printed; Number is its own, its persons stand on it
	ConsentScan      Act = 166 // signed papers of its persons came back
	ConsentSettle    Act = 167 // what a paper says was entered; Fields say what
	ConsentSheetEnd  Act = 169 // what had not come back of a sheet was ended
	ConsentAgain     Act = 168 // a declaration changed materially: consents are asked again; Number is the version
	GuardOverride    Act = 170 // L5: a text that seemed to hold special data was kept; Fields say what it seemed to be

	ListAsk       Act = 128 // D12: somebody asks to keep a list longer; Number is the list's
	ListGrant     Act = 129 // that was granted; or a lost list was found to be a breach, Reason says which
	ListRefuse    Act = 130 // it was refused; or the loss was none
	ListLost      Act = 131 // a list was attested lost
	CloseMany     Act = 132 // D6: the closing of many was proposed, approved or refused; Number is the batch's
	MeetingPlan   Act = 140 // a general meeting was planned, changed, opened or called off; Reason says which, Number is the meeting's
	MeetingNotice Act = 141 // its notice was written, or is out
	MeetingRoll   Act = 142 // a part of its electoral roll was looked at; its persons are those shown
	Attend        Act = 143 // somebody was ticked off as come, gone, or by proxy
	VoteCount     Act = 144 // somebody stands in a vote, or a count was entered; its persons are those who stand
	MeetingClose  Act = 145 // the minutes were noted, or the new board was handed over
	ReviewOpen    Act = 146 // D14: a review was opened; Number is its number
	ReviewAnswer  Act = 147 // a line was confirmed, ended or undone; Reason says which
	ReviewSuspend Act = 148 // nobody had answered, and an access was suspended, or ended after that
	ReviewClose   Act = 149 // a review was closed
	ReviewSeen    Act = 150 // lines of a review were looked at, or its report was made

	FellowsShown        Act = 186 // N11, N12: names passed another member on a closed page
	FellowOpened        Act = 187 // a member looked at another's contact data there
	OpenShown           Act = 188 // shown on an open page with their consent; once a day, however many look
	DirectoryChoose     Act = 189 // a member chose what others see; Fields say which
	DirectoryPage       Act = 190 // a body's mailboxes, or who may embed its pages, were changed
	AuditOpen           Act = 200 // N13: a yearly audit was opened; Number is its number
	AuditAnswer         Act = 201 // a member on a roll was answered for, or an answer was taken back; Reason says which
	AuditSay            Act = 202 // a head-count or a question on security was answered
	AuditConfirm        Act = 203 // a body, or the register's side, confirmed a part; Reason says which
	ChangeTell          Act = 204 // a body told of a change; Number is the case's
	ChangeSettle        Act = 205 // a case was settled or taken up again; Reason is the outcome
	DeclarationWrite    Act = 156 // N13: a point of a body's privacy declaration was changed; no person is in any of these
	DeclarationSubmit   Act = 157 // it was handed over to be looked through
	DeclarationReview   Act = 158 // it was approved or refused, or looked through for the year; Reason says which
	DeclarationPublish  Act = 159
	DeclarationAnnounce Act = 160 // N16: members were told of it

	PassOut           Act = 192 // N12: members' data left for a declared recipient; Number is the batch's
	PassTell          Act = 193 // a recipient was told by reference what to delete or hold; Number is the batch's
	PassAnswer        Act = 194 // it has acknowledged a batch, or a batch was given up; Reason says which
	PassRun           Act = 195 // what is to be passed on was worked out, braked, let go or refused; Number is the run's
	PassCourse        Act = 196 // passing on was paused, taken up again or stopped; Reason says which
	PassCompare       Act = 197 // what a recipient has was held against the register
	SealCertificate   Act = 174 // the seal got a new certificate; Number is its serial number
	AgreementAsk      Act = 175 // N2: bodies were asked to sign; its persons are those who sign
	AgreementSign     Act = 176 // a body signed; Number is the agreement's
	AgreementReturn   Act = 177 // it was sent back, with reasons
	AgreementAccept   Act = 178
	AgreementConclude Act = 179 // the other side signed too
	AgreementFetch    Act = 180 // the sealed paper, a scan or a processor's agreement was fetched
	Processor         Act = 181 // N12: a processor was declared or ended; Number is its number
	ProcessorAnswer   Act = 182 // Art. 28(2): a body said yes or no to a new sub-processor
	ProcessorSettle   Act = 183 // an objection was answered
	AgreementRemind   Act = 184 // N2: somebody who is waited for was reminded by hand; Number is the agreement's
)

// Kind is how an act weighs for the persons it concerns.
type Kind uint8

const (
	KindOther    Kind = iota // changed, denied, handed over …
	KindOpened               // somebody opened the person's card
	KindListed               // the person left on a list
	KindSearched             // the person passed in a search
)

// names are stable too: they stand in message keys and in exports.
var names = [...]string{
	Search: "search", Opened: "open", List: "list", Shown: "shown", Answer: "answer", Log: "log",
	Access: "access", Find: "find", Export: "export",
	Trace:  "trace",
	Create: "create", Edit: "edit", Import: "import", Move: "move", Restrict: "restrict", Object: "object",
	Household: "household", Split: "split",
	Merge: "merge", Category: "category",
	Resign: "resign", Close: "close", Undo: "undo", Erase: "erase", Certificate: "certificate", Hold: "hold",
	Requisition: "requisition", Approve: "approve", Refuse: "refuse", HandOver: "hand_over", Attest: "attest", Tell: "tell",
	Print: "print", Post: "post", Letter: "letter", LetterDrop: "letter_drop",
	Appoint: "appoint", Dismiss: "dismiss", Staff: "staff", Unstaff: "unstaff",
	Cover: "cover", Handover: "handover", Substitute: "substitute",
	SignIn: "sign_in", SignOut: "sign_out", Denied: "denied", Passkey: "passkey", Revealed: "revealed",
	Vouch: "vouch", Recover: "recover", Recovered: "recovered", OwnAddress: "own_address",
	Start: "start", Charter: "charter", Unit: "unit", Backup: "backup", Restore: "restore", Prune: "prune",
	Epoch: "epoch", Duty: "duty", Review: "review",
	Propose: "propose", Accept: "accept", Decline: "decline", Cancel: "cancel", Addition: "addition",
	Apply: "apply", Recommend: "recommend", Question: "question", Reject: "reject", ApplicationEnd: "application_end",
	Round: "round", Called: "called",
	KeyCopy: "key_copy", Rebuild: "rebuild",
	Holder: "holder", Acknowledge: "acknowledge",
	Rotate: "rotate", Shares: "shares", MasterKey: "master_key",
	DuesRates: "dues_rates", Charge: "charge", Payment: "payment", Remind: "remind", Arrears: "arrears",
	Kept: "kept", Lift: "lift",
	Facts:    "facts",
	MergeAsk: "merge_ask", MergeDrop: "merge_drop",
	Sweep: "sweep", SweepStop: "sweep_stop", SweepDecide: "sweep_decide",
	MeetingPlan: "meeting_plan", MeetingNotice: "meeting_notice", MeetingRoll: "meeting_roll", Attend: "attend", VoteCount: "vote_count", MeetingClose: "meeting_close",
	GrantPropose: "grant_propose", GrantApprove: "grant_approve", GrantRefuse: "grant_refuse", GrantWithdraw: "grant_withdraw", GrantLapse: "grant_lapse",
	ProcedurePublish: "procedure_publish", ProcedureNote: "procedure_note", YearPaper: "year_paper",
	MailingSubmit: "mailing_submit", MailingApprove: "mailing_approve", MailingRefuse: "mailing_refuse", MailingSend: "mailing_send",
	MailingStop: "mailing_stop", MailingHalt: "mailing_halt",
	HandoutWithdraw: "handout_withdraw", HandoutLapse: "handout_lapse", HandoutCode: "handout_code", HandoutLink: "handout_link",
	ConsentGive: "consent_give", ConsentWithdraw: "consent_withdraw",
	ConsentSheet: "consent_sheet", ConsentScan: "consent_scan", ConsentSettle: "consent_settle", ConsentSheetEnd: "consent_sheet_end",
	ConsentInform: "consent_inform", ConsentAgain: "consent_again", GuardOverride: "guard_override",
	ListAsk: "list_ask", ListGrant: "list_grant", ListRefuse: "list_refuse", ListLost: "list_lost", CloseMany: "close_many",
	FellowsShown: "fellows_shown", FellowOpened: "fellow_opened", OpenShown: "open_shown", DirectoryChoose: "directory_choose", DirectoryPage: "directory_page",
	AuditOpen: "audit_open", AuditAnswer: "audit_answer", AuditSay: "audit_say", AuditConfirm: "audit_confirm", ChangeTell: "change_tell", ChangeSettle: "change_settle",
	DeclarationWrite: "declaration_write", DeclarationSubmit: "declaration_submit", DeclarationReview: "declaration_review",
	DeclarationPublish: "declaration_publish", DeclarationAnnounce: "declaration_announce",
	ReviewOpen: "review_open", ReviewAnswer: "review_answer", ReviewSuspend: "review_suspend", ReviewClose: "review_close", ReviewSeen: "review_seen",
	PassOut: "pass_out", PassTell: "pass_tell", PassAnswer: "pass_answer", PassRun: "pass_run", PassCourse: "pass_course", PassCompare: "pass_compare",
	SealCertificate: "seal_certificate",
	AgreementAsk:    "agreement_ask", AgreementSign: "agreement_sign", AgreementReturn: "agreement_return", AgreementAccept: "agreement_accept",
	AgreementConclude: "agreement_conclude", AgreementFetch: "agreement_fetch", Processor: "processor", ProcessorAnswer: "processor_answer", ProcessorSettle: "processor_settle", AgreementRemind: "agreement_remind",
}

var kinds = [...]string{KindOther: "rest", KindOpened: "opened", KindListed: "listed", KindSearched: "searched"}

// Known tells whether there is such an act.
func (a Act) Known() bool { return int(a) < len(names) && names[a] != "" }

// String is the act's stable name, "unknown" if a newer Kartotek wrote it.
func (a Act) String() string {
	if !a.Known() {
		return "unknown"
	}
	return names[a]
}

// Key is the act's message key.
func (a Act) Key() string { return "journal.act." + a.String() }

// Kind tells how the act weighs for the persons it concerns.
func (a Act) Kind() Kind {
	switch a {
	case Opened, Revealed, FellowOpened:
		return KindOpened
	case List, ConsentSheet:
		return KindListed
	case Search, Shown, MeetingRoll, FellowsShown:
		return KindSearched
	}
	return KindOther
}

// Key is the kind's message key.
func (k Kind) Key() string { return "journal.kind." + kinds[k] }

// Acts returns every act there is, by number, to choose from on the log page.
func Acts() []Act {
	var all []Act
	for a := range Act(len(names)) {
		if a.Known() {
			all = append(all, a)
		}
	}
	return all
}

// ActNamed returns the act of that name, false if there is none.
func ActNamed(name string) (Act, bool) {
	for _, a := range Acts() {
		if names[a] == name {
			return a, true
		}
	}
	return 0, false
}
