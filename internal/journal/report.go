package journal

// Report is the outcome of Verify.
type Report struct {
	Entries        int64 // in the tree
	Pruned         int64 // of these, without body, since their retention has ended
	Unsequenced    int64 // entries that wait for their position
	Checkpoints    int64 // stored and valid
	Epoch          int64 // 1, and one more for each restore
	Signed         int64 // how many entries the newest valid checkpoint stands over
	OutsideChecked bool  // a checkpoint from outside was given, signed by this register
	Problems       []Problem
	More           int       // problems found beyond those listed
	Warnings       []Warning // what this verification cannot tell, in plain words
}

// Sound tells whether nothing wrong was found. It does not silence the warnings.
func (r *Report) Sound() bool { return len(r.Problems) == 0 }

// Problem is something that is not as it was written.
type Problem struct {
	Kind     ProblemKind
	Entry    int64 // its id; 0 if it is none in particular
	Position int64 // of the entry, or of the place; NoPosition if it has none. For a checkpoint its size
}

// NoPosition is the Position of what has none.
const NoPosition = -1

// ProblemKind says what is wrong; the names are stable.
type ProblemKind string

const (
	EntryMissing       ProblemKind = "entry_missing"       // a position whose entry is gone
	EntryAltered       ProblemKind = "entry_altered"       // the row differs from what the tree has
	BodyMissing        ProblemKind = "body_missing"        // gone before its retention ended
	BodyAltered        ProblemKind = "body_altered"        // salt or body differ from the commitment
	BodyUnreadable     ProblemKind = "body_unreadable"     // committed to, but not an entry
	PersonsAltered     ProblemKind = "persons_altered"     // the set differs from the body's digest
	RetentionAltered   ProblemKind = "retention_altered"   // keep_until differs between the rows
	NotOurs            ProblemKind = "not_ours"            // not sealed by this register: put in past the program
	Stray              ProblemKind = "stray"               // body or persons of an entry that is none or was pruned
	PositionWrong      ProblemKind = "position_wrong"      // a gap, or an entry placed twice
	HashWrong          ProblemKind = "hash_wrong"          // a stored hash is missing, wrong or too many
	CheckpointUnsigned ProblemKind = "checkpoint_unsigned" // not validly signed by this register
	CheckpointWrong    ProblemKind = "checkpoint_wrong"    // signed, but over another journal
	CheckpointTooNew   ProblemKind = "checkpoint_too_new"  // over more entries than there are
	EpochWrong         ProblemKind = "epoch_wrong"         // an epoch that does not follow from the one before
	OutsideUnsigned    ProblemKind = "outside_unsigned"    // what was given is no checkpoint of this register
	OutsideWrong       ProblemKind = "outside_wrong"       // entries it stood over were changed
	NewestMissing      ProblemKind = "newest_missing"      // entries it stood over were cut off
	SequenceUnfinished ProblemKind = "sequence_unfinished" // on SQLite an entry without a position
)

// Key is the kind's message key.
func (k ProblemKind) Key() string { return "journal.problem." + string(k) }

// Warning says what a verification could not tell, or what is known to be lost.
type Warning struct {
	Key   string // message key
	Count int64  // its argument "count"
}

const (
	warnNoOutside  = "journal.verify.no_outside"    // cutting off the newest entries would not show
	warnSince      = "journal.verify.since_outside" // nor would it for count entries newer than the outside checkpoint
	warnUnsigned   = "journal.verify.unsigned"      // count entries have no checkpoint over them yet
	warnNoSeals    = "journal.verify.no_seals"      // verified without the signing key
	warnWaiting    = "journal.verify.waiting"       // count entries wait for their position
	warnRestored   = "journal.verify.restored"      // count entries were lost when the register was restored
	warnOutsideOld = "journal.verify.outside_lost"  // the outside checkpoint stands over entries lost then
)

// maxProblems is how many problems a report lists; a journal changed
// throughout would fill the memory otherwise.
const maxProblems = 1000

func (r *Report) problem(kind ProblemKind, entry, position int64) {
	if len(r.Problems) == maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{kind, entry, position})
}

func (r *Report) warn(key string, count int64) {
	r.Warnings = append(r.Warnings, Warning{key, count})
}
