package cli

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"kartotek/internal/certificate"
)

type certificateVerifyCommand struct{ signedFile }

// signedFile is a signed paper to be checked, and the key to hold it against.
type signedFile struct {
	File string `arg:"" name:"FILE"`
	Key  string `placeholder:"KEY"`
}

type certificateKeyCommand struct{ inHouse }

func (c *signedFile) check() (key string, args []any) {
	if c.Key != "" && certificate.ParseKey(c.Key) == nil {
		return "cli.usage.certificate_key", nil
	}
	return "", nil
}

// verdict is what came of a check.
type verdict struct {
	Sound    bool    `json:"sound"`
	Complete bool    `json:"complete"`
	Number   string  `json:"number,omitempty"`
	Hash     string  `json:"hash,omitempty"`
	Key      string  `json:"key,omitempty"`
	Entries  []int64 `json:"entries"`
	checkLines
}

// checkLines are what a check found, in words.
type checkLines struct {
	Checked   []checkLine `json:"checked"`
	Failed    []checkLine `json:"failed"`
	Unchecked []checkLine `json:"unchecked"`
}

type checkLine struct {
	Check string `json:"check"`
	Text  string `json:"text"`
}

// A certificate is checked here, beside any server and without a register: whoever
// left has neither.
func (c *certificateVerifyCommand) run(_ context.Context, d *desk) error {
	contents, key, err := d.signed(c.File, c.Key, certificate.LongestFile)
	if err != nil {
		return err
	}
	r := certificate.Verify(contents, key)
	v := verdict{Sound: r.Sound(), Entries: []int64{}, checkLines: d.found("certificate.", &r.Findings)}
	if s := r.Certificate; s != nil {
		v.Complete, v.Number, v.Hash, v.Key = s.Complete(), s.Number, hex.EncodeToString(s.Hash[:]), certificate.Key(s.Key)
		for i := range s.Entries {
			v.Entries = append(v.Entries, s.Entries[i].Seq)
		}
	}
	if err := d.answer(v, func() { d.tellVerdict(&v) }); err != nil || v.Sound {
		return err
	}
	return exit(fails)
}

// signed reads a paper to be checked, "-" being standard input, and the key given to
// check it by. A file longer than any such paper is cut just behind its limit.
func (d *desk) signed(path, key string, limit int64) ([]byte, ed25519.PublicKey, error) {
	in := d.in
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, nil, err
		}
		defer file.Close()
		in = file
	}
	contents, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil || key == "" {
		return contents, nil, err
	}
	return contents, certificate.ParseKey(key), nil
}

func (d *desk) checks(prefix string, all []string) []checkLine {
	lines := make([]checkLine, 0, len(all))
	for _, check := range all {
		lines = append(lines, checkLine{check, d.p.T(prefix + check)})
	}
	return lines
}

// found puts what a check found into words under a prefix.
func (d *desk) found(prefix string, f *certificate.Findings) checkLines {
	return checkLines{d.checks(prefix+"checked.", f.Checked), d.checks(prefix+"failed.", f.Failed), d.checks(prefix+"unchecked.", f.Unchecked)}
}

// tellFound prints what a check found, and by which key.
func (d *desk) tellFound(found *checkLines, keyed, key string) {
	for _, part := range []struct {
		head  string
		lines []checkLine
	}{{"cli.certificate.failed", found.Failed}, {"cli.certificate.checked", found.Checked}, {"cli.certificate.unchecked", found.Unchecked}} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(d.out, "\n%s\n", d.p.T(part.head))
		for _, l := range part.lines {
			fmt.Fprintf(d.out, "  %s\n", l.Text)
		}
	}
	if key != "" {
		fmt.Fprintf(d.out, "\n%s\n", d.p.T(keyed, "key", key))
	}
}

func (d *desk) tellVerdict(v *verdict) {
	switch {
	case !v.Sound:
		d.say("cli.certificate.unsound")
	case v.Complete:
		d.say("cli.certificate.sound", "number", v.Number)
	default:
		d.say("cli.certificate.sound_open", "number", v.Number)
	}
	d.tellFound(&v.checkLines, "certificate.key", v.Key)
}

// The key is public; whoever checks a certificate holds it against this one.
func (c *certificateKeyCommand) run(_ context.Context, d *desk) error {
	key := certificate.Key(d.house.Keyring.LedgerKey())
	return d.answer(struct {
		Key string `json:"key"`
	}{key}, func() { fmt.Fprintln(d.out, key) })
}

type certificateShowCommand struct {
	inHouse
	asWho
	Number string `arg:"" name:"CERTIFICATE"`
}

// standingAnswer is how a certificate stands; nothing of it says whose it is.
type standingAnswer struct {
	Number     string      `json:"number"`
	State      string      `json:"state"`
	ClosedAt   string      `json:"closed_at"`
	Hash       string      `json:"hash"`
	MadeAt     string      `json:"made_at,omitempty"`
	CompleteAt string      `json:"complete_at,omitempty"`
	EndsAt     string      `json:"ends_at,omitempty"`
	Entries    []entryLine `json:"entries"`
	Copies     []copyLine  `json:"copies"`
	Told       []toldLine  `json:"told"`
}

type entryLine struct {
	Entry       int64  `json:"entry"`
	Fingerprint string `json:"fingerprint"`
	At          string `json:"at"`
}

type copyLine struct {
	Place       string `json:"place"`
	ConfirmedAt string `json:"confirmed_at,omitempty"`
}

type toldLine struct {
	Holder string `json:"holder"`
	List   int64  `json:"list,omitempty"`
	Line   int    `json:"line,omitempty"`
	State  string `json:"state"`
	ToldAt string `json:"told_at,omitempty"`
	DoneAt string `json:"done_at,omitempty"`
}

func (c *certificateShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	st, err := d.house.Departures.Standing(ctx, actor, c.Number)
	if err != nil {
		return err
	}
	a := standingAnswer{
		Number: st.Certificate, State: string(st.State), ClosedAt: isoTime(st.ClosedAt), Hash: hex.EncodeToString(st.Hash[:]),
		MadeAt: isoTime(st.MadeAt), CompleteAt: isoTime(st.CompleteAt), EndsAt: isoTime(st.EndsAt), Entries: []entryLine{}, Copies: []copyLine{}, Told: []toldLine{},
	}
	t := d.newTable("what", "value", "at")
	at := func(when time.Time) string {
		if when.IsZero() {
			return ""
		}
		return d.p.DateTime(when, d.house.Charter.Location())
	}
	t.add(d.p.T("leaving.column.state"), d.p.T("departure.state."+a.State), at(st.CompleteAt))
	t.add(d.p.T("certificate.page.mark"), a.Hash, at(st.MadeAt))
	for i := range st.Entries {
		e := &st.Entries[i]
		a.Entries = append(a.Entries, entryLine{e.Seq, hex.EncodeToString(e.Fingerprint[:]), isoTime(e.At)})
		t.add(d.p.T("certificate.page.entry", "number", e.Seq), a.Entries[i].Fingerprint, at(e.At))
	}
	for _, k := range st.Copies {
		a.Copies = append(a.Copies, copyLine{k.Place, isoTime(k.At)})
		t.add(d.p.T("certificate.page.copy"), k.Place, at(k.At))
	}
	for _, told := range st.Told {
		a.Told = append(a.Told, toldLine{told.Holder, told.List, told.Line, told.State, isoTime(told.ToldAt), isoTime(told.DoneAt)})
		t.add(told.Holder, certificate.Pointer(d.p, told.List, told.Line)+", "+d.p.T("certificate.told_state."+told.State), at(told.ToldAt))
	}
	return d.answer(a, func() { d.print(t) })
}
