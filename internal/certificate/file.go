package certificate

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/vault"
)

// LongestFile is how many bytes a certificate may have.
const LongestFile = 8 << 20

// form names the file's form; another number is another form.
const form = "kartotek erasure certificate 1"

// ErrForm says that a file is not a certificate, or was changed.
var ErrForm = errForm

// ErrNewer says that another version of the program made the certificate.
var ErrNewer = errors.New("certificate: made by another version")

// The file in JSON. Names are in the order of the canonical form.
type (
	wireFile struct {
		Form      string        `json:"form"`
		Key       []byte        `json:"key"` // base64, Ed25519
		Signature []byte        `json:"signature"`
		Statement wireStatement `json:"statement"`
	}
	wireStatement struct {
		Beyond       []string    `json:"beyond"`
		ClosedAt     string      `json:"closed_at"`
		CompleteAt   string      `json:"complete_at,omitempty"`
		Copies       []wireCopy  `json:"copies"`
		ErasedAt     string      `json:"erased_at"`
		Gone         []wireGone  `json:"gone"`
		Hash         []byte      `json:"hash"`
		Kept         []wireKept  `json:"kept"`
		Keys         []wireEntry `json:"keys"`
		Language     string      `json:"language"`
		Lists        []wireList  `json:"lists"`
		Number       string      `json:"number"`
		Open         []string    `json:"open"`
		Organisation string      `json:"organisation"`
		Salt         string      `json:"salt"`
		Told         []wireTold  `json:"told"`
		Zone         string      `json:"zone"`
	}
	wireGone struct {
		Count int    `json:"count"`
		Kind  string `json:"kind"`
	}
	wireEntry struct {
		At          string `json:"at"`
		Class       int    `json:"class"`
		Entry       int64  `json:"entry"`
		Fingerprint []byte `json:"fingerprint"`
		Hash        []byte `json:"hash"`
		Person      int64  `json:"person"`
		Signature   []byte `json:"signature"`
	}
	wireKept struct {
		Count int    `json:"count"`
		Law   string `json:"law"`
		Unit  int64  `json:"unit"`
		Until string `json:"until"`
		What  string `json:"what"`
	}
	wireCopy struct {
		ConfirmedAt string `json:"confirmed_at,omitempty"`
		Kind        string `json:"kind"`
	}
	wireList struct {
		DestroyBy string `json:"destroy_by"`
		Number    int64  `json:"number"`
	}
	wireTold struct {
		Country string `json:"country,omitempty"`
		DoneAt  string `json:"done_at,omitempty"`
		Holder  string `json:"holder"`
		Line    int    `json:"line,omitempty"`
		List    int64  `json:"list,omitempty"`
		State   string `json:"state"`
		ToldAt  string `json:"told_at,omitempty"`
	}
)

// JSON is the certificate as a file: canonical, with a line end.
func (c *Certificate) JSON() ([]byte, error) {
	text, err := encode(wireFile{Form: form, Key: c.Key, Signature: c.Signature, Statement: c.Statement.wire()})
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// signed is the text the signature is of: the statement in canonical form.
func (s *Statement) signed() ([]byte, error) { return encode(s.wire()) }

func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return canonical(text)
}

// Parse reads a certificate in JSON. Only the exact bytes that JSON makes are one:
// nothing can stand in it twice, unknown or unsigned.
func Parse(file []byte) (*Certificate, error) {
	if len(file) > LongestFile {
		return nil, ErrForm
	}
	file = bytes.TrimSpace(file)
	var head struct {
		Form string `json:"form"`
	}
	if json.Unmarshal(file, &head) != nil {
		return nil, ErrForm
	}
	if head.Form != form {
		if len(head.Form) > 0 && bytes.HasPrefix([]byte(head.Form), []byte("kartotek erasure certificate ")) {
			return nil, ErrNewer
		}
		return nil, ErrForm
	}
	var w wireFile
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if d.Decode(&w) != nil {
		return nil, ErrForm
	}
	again, err := encode(w)
	if err != nil || !bytes.Equal(again, file) {
		return nil, ErrForm
	}
	c := &Certificate{Key: w.Key, Signature: w.Signature}
	if c.Statement, err = w.Statement.statement(); err != nil {
		return nil, err
	}
	// What was read must say the same again: no time in another form, no number cut.
	if again, err = c.JSON(); err != nil || !bytes.Equal(bytes.TrimSpace(again), file) {
		return nil, ErrForm
	}
	return c, nil
}

func (s *Statement) wire() wireStatement {
	w := wireStatement{
		Beyond: filled(s.Beyond), ClosedAt: moment(s.ClosedAt), CompleteAt: moment(s.CompleteAt), ErasedAt: moment(s.ErasedAt), Hash: s.Hash[:],
		Language: s.Language, Number: s.Number, Open: filled(s.Open), Organisation: s.Organisation, Salt: s.Salt, Zone: s.Zone,
		Gone: []wireGone{}, Keys: []wireEntry{}, Kept: []wireKept{}, Copies: []wireCopy{}, Lists: []wireList{}, Told: []wireTold{},
	}
	for _, g := range s.Gone {
		w.Gone = append(w.Gone, wireGone{g.Count, g.Kind})
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		w.Keys = append(w.Keys, wireEntry{
			At: moment(e.At), Class: int(e.Class), Entry: e.Seq, Fingerprint: e.Fingerprint[:], Hash: e.Hash[:], Person: int64(e.Person), Signature: e.Signature[:],
		})
	}
	for _, k := range s.Kept {
		w.Kept = append(w.Kept, wireKept{k.Count, k.Law, k.Unit, k.Until.String(), k.What})
	}
	for _, c := range s.Copies {
		w.Copies = append(w.Copies, wireCopy{moment(c.ConfirmedAt), c.Kind})
	}
	for _, l := range s.Lists {
		w.Lists = append(w.Lists, wireList{l.DestroyBy.String(), l.Number})
	}
	for _, t := range s.Told {
		w.Told = append(w.Told, wireTold{t.Country, moment(t.DoneAt), t.Holder, t.Line, t.List, t.State, moment(t.ToldAt)})
	}
	return w
}

func (w *wireStatement) statement() (Statement, error) {
	var r reading
	s := Statement{
		Number: w.Number, Salt: w.Salt, Language: w.Language, Organisation: w.Organisation, Zone: w.Zone, Open: w.Open, Beyond: w.Beyond,
		ClosedAt: r.moment(w.ClosedAt), ErasedAt: r.moment(w.ErasedAt), CompleteAt: r.moment(w.CompleteAt),
	}
	r.exactly(s.Hash[:], w.Hash)
	for _, g := range w.Gone {
		s.Gone = append(s.Gone, Gone{g.Kind, g.Count})
	}
	for i := range w.Keys {
		k := &w.Keys[i]
		e := vault.LedgerEntry{Seq: k.Entry, Person: vault.PersonID(k.Person), Class: vault.Class(k.Class), At: r.moment(k.At)}
		r.exactly(e.Fingerprint[:], k.Fingerprint)
		r.exactly(e.Hash[:], k.Hash)
		r.exactly(e.Signature[:], k.Signature)
		s.Entries = append(s.Entries, e)
	}
	for _, k := range w.Kept {
		s.Kept = append(s.Kept, Kept{k.What, k.Law, r.date(k.Until), k.Count, k.Unit})
	}
	for _, c := range w.Copies {
		s.Copies = append(s.Copies, Copy{c.Kind, r.moment(c.ConfirmedAt)})
	}
	for _, l := range w.Lists {
		s.Lists = append(s.Lists, List{l.Number, r.date(l.DestroyBy)})
	}
	for _, t := range w.Told {
		s.Told = append(s.Told, Told{Holder: t.Holder, Country: t.Country, List: t.List, Line: t.Line, State: t.State, ToldAt: r.moment(t.ToldAt), DoneAt: r.moment(t.DoneAt)})
	}
	if r.wrong {
		return Statement{}, ErrForm
	}
	return s, nil
}

// reading gathers whether anything could not be read.
type reading struct{ wrong bool }

func (r *reading) moment(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(momentForm, text)
	r.wrong = r.wrong || err != nil
	return t.UTC()
}

func (r *reading) date(text string) civil.Date {
	d, err := civil.ParseDate(text)
	r.wrong = r.wrong || err != nil
	return d
}

func (r *reading) exactly(into, from []byte) {
	if len(into) != len(from) {
		r.wrong = true
		return
	}
	copy(into, from)
}

// momentForm is how times stand in the file: UTC, to the microsecond.
const momentForm = "2006-01-02T15:04:05.000000Z"

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(momentForm)
}

// filled is a list that is never null.
func filled(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}
