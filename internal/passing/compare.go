package passing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// A full reconciliation asks whether the recipient has what it was passed: how many,
// and the same. Both sides make a hash of each entry as it was passed on, and nothing
// but references and hashes crosses.

// Compared is one entry as a recipient has it.
type Compared struct {
	Reference string `json:"reference"`
	Digest    string `json:"digest"` // EntryDigest of its fields; "" where it tells references only
}

// EntryDigest is the hash of an entry: SHA-256, in hexadecimal, of its fields as JSON
// with the keys in order and no space, as encoding/json writes a map.
func EntryDigest(fields map[string]string) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // a map of texts is JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// WholeDigest is the hash of all entries: SHA-256 of their lines "reference digest",
// each ended by a line feed, in the order of the references.
func WholeDigest(all []Compared) string {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Compared) int { return strings.Compare(a.Reference, b.Reference) })
	h := sha256.New()
	for i := range all {
		io.WriteString(h, all[i].Reference+" "+all[i].Digest+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Comparison is what came of a reconciliation.
type Comparison struct {
	Ours, Theirs int
	Same         bool
	Asked        bool // the recipient was asked by webhook and gave heads and hash only
	Unsettled    int  // entries left out of it: what changed of them is not acknowledged yet
	Missing      int  // the recipient has nothing under the reference
	Different    int
	Unknown      int // it has references that should not be there
}

// Reconcile asks a recipient by webhook for its head-count and hash, and where it gives
// its lines, finds out which differ. What is missing or different goes again with the
// next run; what should not be there it is told to delete.
func (s *Service) Reconcile(ctx context.Context, by access.Actor, code string) (Comparison, error) {
	r, err := s.receiver(code)
	if err != nil {
		return Comparison{}, err
	}
	if s.way(code) != ByWebhook {
		return Comparison{}, fault.New(fault.Conflict, "passing.error.no_webhook")
	}
	_, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return Comparison{}, err
	}
	s.working.Lock()
	defer s.working.Unlock()
	ours, unsettled, c, err := s.ours(ctx, scope, r)
	if err != nil {
		return Comparison{}, err
	}
	compared := slices.Collect(maps.Values(ours))
	n := len(compared)
	body, err := json.Marshal(Message{
		Type: TypeCompare, Timestamp: s.Now().UTC().Truncate(time.Second), Data: Data{Recipient: r.Code, Count: &n, Digest: WholeDigest(compared)},
	})
	if err != nil {
		return Comparison{}, err
	}
	said, err := s.Hook.Deliver(ctx, s.Webhooks[code], "kartotek_"+r.Code+"_compare_"+s.Now().UTC().Format("20060102T150405"), s.Now(), body, 64<<20)
	if err != nil {
		return Comparison{}, fault.New(fault.Unavailable, "passing.error.unreachable").Because(err)
	}
	var a answer
	if !said.Taken() || json.Unmarshal(said.Body, &a) != nil || a.Count == nil {
		return Comparison{}, fault.New(fault.Unavailable, "passing.error.answer")
	}
	if len(a.Lines) == 0 && (*a.Count > 0 || n == 0) {
		out := Comparison{Ours: n, Theirs: *a.Count, Asked: true, Unsettled: len(unsettled), Same: *a.Count == n && a.Digest == WholeDigest(compared)}
		return out, s.compared(ctx, scope, r, &c, &out, nil)
	}
	return s.against(ctx, scope, r, &c, ours, unsettled, a.Lines)
}

// Against is Reconcile with a file the recipient gave: references, and hashes where it
// made them.
func (s *Service) Against(ctx context.Context, by access.Actor, code string, file io.Reader) (Comparison, error) {
	r, err := s.receiver(code)
	if err != nil {
		return Comparison{}, err
	}
	_, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return Comparison{}, err
	}
	theirs, err := readCompared(file)
	if err != nil {
		return Comparison{}, err
	}
	s.working.Lock()
	defer s.working.Unlock()
	ours, unsettled, c, err := s.ours(ctx, scope, r)
	if err != nil {
		return Comparison{}, err
	}
	return s.against(ctx, scope, r, &c, ours, unsettled, theirs)
}

// mostCompared is how many lines a file may have, and longestCompared its bytes.
const (
	mostCompared    = 2_000_000
	longestCompared = 256 << 20
)

// readCompared reads a file of references and hashes; a first line of headings is none.
func readCompared(file io.Reader) ([]Compared, error) {
	text, err := io.ReadAll(io.LimitReader(file, longestCompared+1))
	if err != nil {
		return nil, err
	}
	if len(text) > longestCompared {
		return nil, fault.New(fault.TooMany, "passing.error.file")
	}
	var all []Compared
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\uFEFF")) {
		parts := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(";,\t \"\r\n", r) })
		if len(parts) == 0 || len(parts[0]) != referenceLength || strings.Trim(parts[0], "abcdefghijklmnopqrstuvwxyz234567") != "" {
			continue
		}
		c := Compared{Reference: parts[0]}
		if len(parts) > 1 && len(parts[1]) == 2*sha256.Size {
			c.Digest = strings.ToLower(parts[1])
		}
		if all = append(all, c); len(all) > mostCompared {
			return nil, fault.New(fault.TooMany, "passing.error.file")
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "passing.error.no_lines").With("file", "passing.error.no_lines")
	}
	return all, nil
}

// referenceLength is how long a reference is.
const referenceLength = 16

// ours are the entries that both sides should have alike, by reference, and those of
// which something is on its way or not passed on yet.
func (s *Service) ours(ctx context.Context, scope access.Scope, r *charter.Receiver) (map[string]Compared, map[string]bool, Recipient, error) {
	c, err := s.courseOf(ctx, r)
	if err == nil && c.ID == 0 {
		err = fault.New(fault.Conflict, "passing.error.fresh")
	}
	if err != nil {
		return nil, nil, c, err
	}
	st, err := s.standings(ctx, scope, r)
	if err != nil {
		return nil, nil, c, err
	}
	narrow, err := s.numbered(scope, r)
	if err != nil {
		return nil, nil, c, err
	}
	known, err := s.known(ctx, c.ID)
	if err != nil {
		return nil, nil, c, err
	}
	ours, unsettled := map[string]Compared{}, map[string]bool{}
	chunk := roaring.New()
	flush := func() error {
		passed, err := s.passes(ctx, c.ID, chunk)
		if err != nil {
			return err
		}
		for _, p := range passed {
			if p.State != Removed { // until its live entry is found to be what it has
				unsettled[p.Reference] = true
			}
		}
		for i, of := range []*roaring.Bitmap{st.whole, st.numbers} {
			err := s.rows(ctx, []access.Scope{scope, narrow}[i], r.Code, roaring.And(chunk, of), func(person vault.PersonID, values map[string]string, prints Prints) error {
				if p := passed[person]; p != nil && p.State == Standing && p.Batch == 0 && maps.Equal(p.Known, prints) {
					delete(unsettled, p.Reference)
					ours[p.Reference] = Compared{p.Reference, EntryDigest(values)}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		chunk = roaring.New()
		return nil
	}
	for it := known.Iterator(); it.HasNext(); {
		if chunk.Add(it.Next()); chunk.GetCardinality() >= record.PageSize {
			if err := flush(); err != nil {
				return nil, nil, c, err
			}
		}
	}
	return ours, unsettled, c, flush()
}

// against holds what the recipient has against what it should have.
func (s *Service) against(ctx context.Context, scope access.Scope, r *charter.Receiver, c *Recipient, ours map[string]Compared, unsettled map[string]bool, theirs []Compared) (Comparison, error) {
	out := Comparison{Ours: len(ours), Theirs: len(theirs), Unsettled: len(unsettled)}
	doubt, there := map[string]bool{}, map[string]bool{}
	var unknown []string
	for _, t := range theirs {
		if there[t.Reference] {
			continue
		}
		there[t.Reference] = true
		o, should := ours[t.Reference]
		switch {
		case should && t.Digest != "" && t.Digest != o.Digest:
			out.Different++
			doubt[t.Reference] = true
		case !should && !unsettled[t.Reference]:
			out.Unknown++
			unknown = append(unknown, t.Reference)
		}
	}
	for reference := range ours {
		if !there[reference] {
			out.Missing++
			doubt[reference] = true
		}
	}
	out.Same = out.Missing+out.Different+out.Unknown == 0
	again := map[vault.PersonID]Passed{}
	if len(doubt) > 0 {
		err := record.Scan(s.Records, ctx, Passes, func(person vault.PersonID, id uint64, p *Passed) error {
			if id != uint64(c.ID) || !doubt[p.Reference] {
				return nil
			}
			one := *p
			if one.doubt(); !there[p.Reference] {
				one.Known = nil // it joins anew
			}
			again[person] = one
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, s.compared(ctx, scope, r, c, &out, func(tx *database.Tx) error {
		slices.Sort(unknown)
		for _, reference := range unknown {
			waiting, err := count(tx, `SELECT COUNT(*) FROM passing_line WHERE recipient = $1 AND reference = $2 AND done_at IS NULL`, c.ID, reference)
			if err != nil {
				return err
			}
			if waiting > 0 {
				continue // told already
			}
			if err := insertLine(tx, &Line{Recipient: c.ID, Reference: reference, Event: Leave, Why: Gone}); err != nil {
				return err
			}
		}
		for person, p := range again {
			if err := record.Put(s.Records, tx, Passes, person, uint64(c.ID), &p); err != nil {
				return err
			}
		}
		return nil
	})
}

// compared puts a reconciliation on record.
func (s *Service) compared(ctx context.Context, scope access.Scope, r *charter.Receiver, c *Recipient, out *Comparison, also func(tx *database.Tx) error) error {
	reason := "passing.compare.different"
	if out.Same {
		reason = "passing.compare.same"
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		return s.note(tx, scope.Entry(journal.PassCompare), journal.PassCompare, c.ID, reason, nil)
	})
}

// CompareFile writes what a recipient should have, for one that compares by itself:
// references and hashes, and nobody's name.
func (s *Service) CompareFile(ctx context.Context, by access.Actor, code string, w io.Writer) (int, error) {
	r, err := s.receiver(code)
	if err != nil {
		return 0, err
	}
	_, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return 0, err
	}
	ours, _, _, err := s.ours(ctx, scope, r)
	if err != nil {
		return 0, err
	}
	file := document.NewCSV(w, []document.Column{{Name: "reference", Type: document.Text}, {Name: "digest", Type: document.Text}}, document.CSVOptions{})
	for _, reference := range slices.Sorted(maps.Keys(ours)) {
		if err := file.Write([]string{reference, ours[reference].Digest}); err != nil {
			return 0, err
		}
	}
	return len(ours), file.Close()
}
