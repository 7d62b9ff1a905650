package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
)

type findCommand struct {
	inHouse
	asWho
	Text string `arg:"" name:"-" enum:"-"`
}

// longestTexts is how much may stand on standard input, in bytes.
const longestTexts = 64 << 10

// findAnswer is where the texts stand.
type findAnswer struct {
	Places     []placeLine `json:"places"`
	Kept       []placeLine `json:"kept"` // by law, each until its day
	More       int         `json:"more,omitempty"`
	Unreadable []placeLine `json:"unreadable"`
	Files      int         `json:"files"`
	Bytes      int64       `json:"bytes"`
	Records    int         `json:"records"`
	Mails      int         `json:"mails"`
}

// placeLine is one place; Text is the line on standard input, from 1.
type placeLine struct {
	Text   int    `json:"text,omitempty"`
	File   string `json:"file,omitempty"`
	Offset *int64 `json:"offset,omitempty"`
	Record string `json:"record,omitempty"` // its kind
	Until  string `json:"until,omitempty"`  // the last day a law keeps it
	ID     string `json:"id,omitempty"`     // of the person, the public one
	Mail   int64  `json:"mail,omitempty"`
	Letter int64  `json:"letter,omitempty"`
	Table  string `json:"table,omitempty"` // with the column
	Row    int64  `json:"row,omitempty"`
}

func (c *findCommand) run(ctx context.Context, d *desk) error {
	// Never from the arguments: those everybody on the machine can read.
	text, err := io.ReadAll(io.LimitReader(d.in, longestTexts))
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Close})
	if err != nil {
		return err
	}
	search := departure.Search{Dirs: d.paths(), Temp: os.TempDir(), Mails: d.house.Mail, Letters: d.house.Letters, Mailings: d.house.Mailings}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(search.Texts, line) {
			search.Texts = append(search.Texts, line)
		}
	}
	remains, err := d.house.Departures.Find(ctx, scope, search)
	if err != nil {
		return err
	}
	if err := d.tellRemains(&remains, len(search.Texts) > 1); err != nil {
		return err
	}
	switch {
	case len(remains.Places) > 0:
		return exit(found)
	case len(remains.Unreadable) > 0:
		return exit(fails)
	}
	return nil
}

// paths are where the register's files are. Of where the master key lies only
// the key itself is ours.
func (d *desk) paths() []string {
	paths := []string{d.house.Data, d.house.Keys}
	if master := d.house.MasterFile(); master != "" {
		paths = append(paths, master)
	}
	return paths
}

func (d *desk) tellRemains(r *departure.Remains, several bool) error {
	a := findAnswer{
		Places: []placeLine{}, Kept: []placeLine{}, More: r.More, Unreadable: []placeLine{},
		Files: r.Files, Bytes: r.Bytes, Records: r.Records, Mails: r.MailCount,
	}
	for i := range r.Places {
		a.Places = append(a.Places, d.placeLine(&r.Places[i], several))
	}
	for i := range r.Kept {
		a.Kept = append(a.Kept, d.placeLine(&r.Kept[i], several))
	}
	for i := range r.Unreadable {
		a.Unreadable = append(a.Unreadable, d.placeLine(&r.Unreadable[i], false))
	}
	err := d.answer(a, func() {
		for i := range a.Places {
			fmt.Fprintln(d.out, d.placeText(&a.Places[i]))
		}
		for i := range a.Kept {
			fmt.Fprintln(d.out, d.placeText(&a.Kept[i]))
		}
		if a.More > 0 {
			d.say("cli.find.more", "count", a.More)
		}
	})
	for i := range a.Unreadable {
		d.note("cli.find.unreadable", "place", d.placeText(&a.Unreadable[i]))
	}
	d.note("cli.find.searched", "files", d.p.Number(r.Files), "megabytes", d.p.Number(int((r.Bytes+1<<19)>>20)),
		"records", d.p.Number(r.Records), "mails", d.p.Number(r.MailCount))
	if n := len(a.Places) + a.More; n > 0 {
		d.note("cli.find.found", "count", n)
	} else if len(a.Unreadable) == 0 && len(a.Kept) == 0 {
		d.note("cli.find.nowhere")
	}
	if n := len(a.Kept); n > 0 {
		d.note("cli.find.kept_count", "count", n)
	}
	return err
}

func (d *desk) placeLine(p *departure.Place, several bool) placeLine {
	l := placeLine{Record: p.Kind, Mail: p.Mail, Letter: p.Letter, Row: p.Row, File: p.File}
	if several {
		l.Text = p.Text + 1
	}
	if p.Person != 0 {
		l.ID = d.house.Keyring.PublicID(p.Person)
	}
	if !p.Until.IsZero() {
		l.Until = p.Until.String()
	}
	if p.File != "" {
		l.Offset = &p.Offset
	}
	if p.Table != "" {
		l.Table = p.Table + "." + p.Column
	}
	return l
}

func (d *desk) placeText(l *placeLine) string {
	var text string
	switch {
	case l.File != "":
		text = d.p.T("cli.find.file", "path", l.File, "offset", *l.Offset)
	case l.Until != "":
		until, _ := civil.ParseDate(l.Until)
		text = d.p.T("cli.find.kept", "kind", d.kindWords(l.Record), "person", l.ID, "until", d.p.Date(until))
	case l.Record != "":
		text = d.p.T("cli.find.record", "kind", d.kindWords(l.Record), "person", l.ID)
	case l.Mail != 0:
		text = d.p.T("cli.find.mail", "number", l.Mail)
	case l.Letter != 0:
		text = d.p.T("cli.find.letter", "number", l.Letter)
	default:
		text = d.p.T("cli.find.row", "table", l.Table, "row", l.Row)
	}
	if l.Text > 0 {
		text = d.p.T("cli.find.text", "number", l.Text, "place", text)
	}
	return text
}

// kindWords is what a kind of record is called.
func (d *desk) kindWords(kind string) string {
	if key := "record.kind." + kind; d.p.Has(key) {
		return d.p.T(key)
	}
	return kind
}
