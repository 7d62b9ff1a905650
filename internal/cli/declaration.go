package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/declaration"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// declarationLine is how a body's declaration stands, in an answer.
type declarationLine struct {
	Unit      string `json:"unit"`
	Name      string `json:"name"`
	Standing  string `json:"standing,omitempty"`
	Version   int    `json:"version,omitempty"`
	Published string `json:"published,omitempty"`
	Draft     string `json:"draft,omitempty"`
	Drifts    int    `json:"drifts"`
	Missing   int    `json:"missing"`
	Untold    bool   `json:"untold,omitempty"`
}

type declarationListCommand struct {
	inHouse
	asWho
	Standing string `enum:",missing,drift,material,review,approved,draft,published" default:"" placeholder:"STANDING"`
	Text     string `placeholder:"TEXT"`
	Sort     string `enum:"tree,name,published,pressing" default:"pressing" placeholder:"tree|name|published|pressing"`
}

func (c *declarationListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	o, err := d.house.Declarations.Statuses(ctx, actor, declaration.Wanted{Standing: declaration.Standing(c.Standing), Text: c.Text, Sort: c.Sort})
	if err != nil {
		return err
	}
	lines := make([]declarationLine, 0, len(o.Some))
	t := d.newTable("code", "unit", "state", "number", "at")
	t.right[3] = true
	for i := range o.Some {
		st := &o.Some[i]
		l := declarationLine{
			Unit: st.Unit.Code, Name: st.Unit.Name, Standing: string(st.Standing()), Version: st.Version, Draft: string(st.Draft), Drifts: st.Drifts, Missing: st.Missing, Untold: st.Announcing,
		}
		state, at := d.p.T("declaration.state.none"), ""
		if l.Standing != "" {
			state = d.p.T("declaration.state." + l.Standing)
		}
		if st.Version > 0 {
			l.Published = isoTime(st.At)
			at = d.p.DateTime(st.At, d.house.Charter.Location())
		}
		lines = append(lines, l)
		t.add(st.Unit.Code, st.Unit.Name, state, d.p.Number(st.Version), at)
	}
	return d.answer(lines, func() { d.print(t) })
}

// declarationOf says whose declaration is meant. What is published is public, so reading
// it needs nobody's right.
type declarationOf struct {
	inHouse
	Unit string `required:"" placeholder:"CODE"`
}

type declarationShowCommand struct {
	declarationOf
	Number int `placeholder:"N"`
}

// declarationShown is a version in an answer.
type declarationShown struct {
	Unit      string            `json:"unit"`
	Version   int               `json:"version"`
	Published string            `json:"published"`
	Reason    string            `json:"reason,omitempty"`
	Material  bool              `json:"material"`
	Hashes    map[string]string `json:"sha256"`
	Language  string            `json:"language,omitempty"`
	Text      *declaration.Text `json:"text,omitempty"`
}

func (d *desk) declarationShown(v *declaration.Version) declarationShown {
	of, _ := d.house.Units.Tree().ByID(v.Unit)
	return declarationShown{Unit: of.Code, Version: v.Number, Published: isoTime(v.At), Reason: v.Reason, Material: v.Material, Hashes: v.Hashes}
}

func (c *declarationShowCommand) run(ctx context.Context, d *desk) error {
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	r, err := d.house.Declarations.Text(ctx, body.ID, c.Number, d.p.Lang())
	if err != nil {
		return err
	}
	shown := d.declarationShown(&r.Version)
	shown.Language, shown.Text = r.Lang, &r.Text
	return d.answer(shown, func() {
		fmt.Fprintf(d.out, "%s\n%s\n%s\n", printable(r.Title), printable(r.Lead), printable(r.Standing))
		for i := range r.Points {
			fmt.Fprintf(d.out, "\n%d. ", i+1)
			for _, passage := range r.Points[i].Passages() {
				fmt.Fprintln(d.out, printable(passage))
			}
		}
	})
}

type declarationVersionsCommand struct{ declarationOf }

func (c *declarationVersionsCommand) run(ctx context.Context, d *desk) error {
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	all, err := d.house.Declarations.Versions(ctx, body.ID)
	if err != nil {
		return err
	}
	lines := make([]declarationShown, 0, len(all))
	t := d.newTable("number", "at", "reason")
	t.right[0] = true
	for i := range all {
		lines = append(lines, d.declarationShown(&all[i]))
		t.add(d.p.Number(all[i].Number), d.p.DateTime(all[i].At, d.house.Charter.Location()), printable(all[i].Reason))
	}
	return d.answer(lines, func() {
		if len(all) == 0 {
			d.say("declaration.page.no_versions")
		}
		d.print(t)
	})
}

type declarationDiffCommand struct {
	declarationOf
	From int `placeholder:"N"`
	To   int `placeholder:"N"`
}

// run compares two versions, the newest with the one before unless said.
func (c *declarationDiffCommand) run(ctx context.Context, d *desk) error {
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	now, err := d.house.Declarations.Version(ctx, body.ID, c.To)
	if err != nil {
		return err
	}
	from := c.From
	if from == 0 {
		from = max(now.Number-1, 1)
	}
	was, err := d.house.Declarations.Text(ctx, body.ID, from, d.p.Lang())
	if err != nil {
		return err
	}
	newer := d.house.Declarations.Render(&now, d.p.Lang())
	all := declaration.Compare(&was.Text, &newer.Text)
	if all == nil {
		all = []declaration.Difference{}
	}
	return d.answer(all, func() {
		if len(all) == 0 {
			d.say("procedure.page.same")
		}
		for _, diff := range all {
			fmt.Fprintln(d.out, printable(diff.Heading))
			for _, change := range diff.Changes {
				d.passage("- ", change.Was)
				d.passage("+ ", change.Now)
			}
		}
	})
}

// declarationBy says for which body somebody acts.
type declarationBy struct {
	inHouse
	asWho
	Unit string `required:"" placeholder:"CODE"`
}

// act does something to a body's draft and says how it then stands.
func (c *declarationBy) act(ctx context.Context, d *desk, do func(actor access.Actor, body unit.ID) error) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	if err := do(actor, body); err != nil {
		return err
	}
	desk, err := d.house.Declarations.Desk(ctx, actor, body)
	if err != nil {
		return err
	}
	return d.answer(d.declarationCheck(&desk), func() { d.say("declaration.page.state." + string(desk.Draft.State)) })
}

// declarationChecked is what a draft lacks, and what a version no longer says as it is.
type declarationChecked struct {
	Unit       string             `json:"unit"`
	Draft      string             `json:"draft"`
	Version    int                `json:"version,omitempty"`
	Changed    bool               `json:"changed"` // the draft says something else than the version
	Stops      bool               `json:"stops"`   // it cannot be published as it is
	Lacks      []declarationPoint `json:"lacks"`
	Drifts     []declarationPoint `json:"drifts"`
	Unanswered []string           `json:"unanswered"` // items of GDPR Art. 13 and 14
}

type declarationPoint struct {
	Point int    `json:"point"`
	Text  string `json:"text"`
	Stops bool   `json:"stops,omitempty"`
}

func (d *desk) declarationCheck(desk *declaration.Desk) declarationChecked {
	text, _ := desk.Texts.In(d.p.Lang(), d.house.Charter.Languages...)
	c := declarationChecked{
		Unit: desk.Body.Code, Draft: string(desk.Draft.State), Changed: desk.Changed, Stops: desk.Stops(), Lacks: []declarationPoint{}, Drifts: []declarationPoint{},
		Unanswered: append([]string{}, text.Unanswered()...),
	}
	if desk.Newest != nil {
		c.Version = desk.Newest.Number
	}
	for i := range desk.Lacks {
		l := &desk.Lacks[i]
		c.Lacks = append(c.Lacks, declarationPoint{l.Point, l.Words(d.p), l.Stops})
	}
	for i := range desk.Drifts {
		c.Drifts = append(c.Drifts, declarationPoint{Point: desk.Drifts[i].Point, Text: desk.Drifts[i].Words(d.p, d.house.Charter)})
	}
	return c
}

type declarationCheckCommand struct{ declarationBy }

func (c *declarationCheckCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	desk, err := d.house.Declarations.Desk(ctx, actor, body)
	if err != nil {
		return err
	}
	checked := d.declarationCheck(&desk)
	return d.answer(checked, func() {
		d.say("declaration.page.state." + string(desk.Draft.State))
		for _, part := range []struct {
			key string
			all []declarationPoint
		}{{"declaration.page.lacks", checked.Lacks}, {"declaration.page.drifts", checked.Drifts}} {
			if len(part.all) > 0 {
				d.say(part.key)
			}
			for _, p := range part.all {
				fmt.Fprintf(d.out, "  %s: %s\n", d.p.T("declaration.page.point", "number", p.Point), printable(p.Text))
			}
		}
		if len(checked.Lacks)+len(checked.Drifts) == 0 {
			d.say("cli.declaration.sound")
		}
	})
}

type declarationExportCommand struct {
	Unit   string `placeholder:"CODE"`
	Number int    `placeholder:"N"`
	Format string `enum:"docx,pdf,html,md" default:"docx" placeholder:"docx|pdf|html|md"`
	Output string `required:"" short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *declarationExportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// run writes a version, or without a body the blank template with its notes.
func (c *declarationExportCommand) run(ctx context.Context, d *desk) error {
	r, made := d.house.Declarations.Template(d.p.Lang()), d.house.Now()
	if c.Unit != "" {
		body, err := d.bodyOf(c.Unit)
		if err != nil {
			return err
		}
		if r, err = d.house.Declarations.Text(ctx, body.ID, c.Number, d.p.Lang()); err != nil {
			return err
		}
		made = r.Version.At
	}
	var b bytes.Buffer
	if err := r.Write(&b, c.Format, made); err != nil {
		return err
	}
	if _, err := d.files["output"].Write(b.Bytes()); err != nil {
		return err
	}
	return d.answer(map[string]any{"version": r.Version.Number, "language": r.Lang, "bytes": b.Len()}, func() {})
}

type declarationWriteCommand struct {
	declarationBy
	Point    string `required:"" placeholder:"POINT"`
	Language string `placeholder:"LANG"`
	Function string `placeholder:"TEXT"`
	Phone    string `placeholder:"PHONE"`
	Email    string `placeholder:"E-MAIL"`
	Reason   string `required:"" placeholder:"TEXT"`
}

// run puts words from standard input into a point; nothing there leaves them as they are.
func (c *declarationWriteCommand) run(ctx context.Context, d *desk) error {
	text, err := io.ReadAll(io.LimitReader(d.in, longestTexts))
	if err != nil {
		return err
	}
	return c.act(ctx, d, func(actor access.Actor, body unit.ID) error {
		desk, err := d.house.Declarations.Desk(ctx, actor, body)
		if err != nil {
			return err
		}
		w := declaration.Change{Part: c.Point, Language: c.Language, Reason: c.Reason, Seen: desk.Draft.Own.Seen[c.Point]}
		if w.Language == "" {
			w.Language = d.house.Charter.Lang()
		}
		if words := strings.TrimSpace(string(text)); words != "" {
			w.Words = &words
		}
		if c.Function+c.Phone+c.Email != "" {
			w.Contact = &declaration.Contact{Function: charter.Words{w.Language: c.Function}, Phone: c.Phone, Email: c.Email}
		}
		_, err = d.house.Declarations.Write(ctx, actor, body, w)
		return err
	})
}

type declarationSubmitCommand struct {
	declarationBy
	Reason   string `required:"" placeholder:"TEXT"`
	Material bool
}

func (c *declarationSubmitCommand) run(ctx context.Context, d *desk) error {
	return c.act(ctx, d, func(actor access.Actor, body unit.ID) error {
		return d.house.Declarations.Submit(ctx, actor, body, c.Reason, c.Material)
	})
}

type declarationApproveCommand struct{ declarationBy }

func (c *declarationApproveCommand) run(ctx context.Context, d *desk) error {
	return c.act(ctx, d, func(actor access.Actor, body unit.ID) error {
		return d.house.Declarations.Review(ctx, actor, body, true, "")
	})
}

type declarationRefuseCommand struct {
	declarationBy
	Reason string `required:"" placeholder:"TEXT"`
}

func (c *declarationRefuseCommand) run(ctx context.Context, d *desk) error {
	return c.act(ctx, d, func(actor access.Actor, body unit.ID) error {
		return d.house.Declarations.Review(ctx, actor, body, false, c.Reason)
	})
}

type declarationPublishCommand struct{ declarationBy }

func (c *declarationPublishCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	v, err := d.house.Declarations.Publish(ctx, actor, body)
	if err != nil {
		return err
	}
	return d.answer(d.declarationShown(&v), func() { d.say("procedure.notice.published", "number", v.Number) })
}

type declarationAnnouncedCommand struct {
	declarationBy
	How string `required:"" placeholder:"TEXT"`
}

func (c *declarationAnnouncedCommand) run(ctx context.Context, d *desk) error {
	return c.act(ctx, d, func(actor access.Actor, body unit.ID) error {
		return d.house.Declarations.Announced(ctx, actor, body, locale.Plain(c.How))
	})
}
