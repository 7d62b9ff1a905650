package cli

import (
	"bytes"
	"context"
	"io"

	"kartotek/internal/access"
	"kartotek/internal/consent"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
)

type consentSheetCommand struct {
	asWho
	Unit   string `required:"" placeholder:"CODE"`
	All    bool
	Output string `short:"o" required:"" placeholder:"FILE"`
	Force  bool
}

func (c *consentSheetCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type consentScanCommand struct {
	asWho
	File string `arg:"" name:"FILE"`
}

func (c *consentScanCommand) needs() []wish { return []wish{{part: "file", path: c.File}} }

type consentPapersCommand struct {
	inHouse
	asWho
	Unit string `required:"" placeholder:"CODE"`
}

type consentSettleCommand struct {
	inHouse
	asWho
	Paper    string `arg:"" name:"PAPER-CODE"`
	Unsigned bool
	Gave     []string `placeholder:"CODE"`
	Back     []string `placeholder:"CODE"`
	Wish     []string `enum:"correct,resign" placeholder:"WISH"`
}

type consentEndCommand struct {
	inHouse
	asWho
	Unit  string `required:"" placeholder:"CODE"`
	Sheet uint64 `arg:"" name:"SHEET"`
}

// inUnit is who asks, and the body a code names.
func (d *desk) inUnit(ctx context.Context, who, code string) (access.Actor, unit.Unit, error) {
	actor, err := d.actor(ctx, who)
	if err != nil {
		return actor, unit.Unit{}, err
	}
	body, known := d.house.Units.Tree().ByCode(code)
	if !known {
		return actor, body, fault.New(fault.NotFound, "unit.error.unknown")
	}
	return actor, body, nil
}

// sheet writes a signature sheet.
func (c *consentSheetCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.inUnit(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	sheet, err := d.house.Consents.PrintSheet(ctx, actor, body.ID, d.p.Lang(), c.All)
	if err != nil {
		return err
	}
	if err := sheet.Write(d.files["output"]); err != nil || c.Output == "-" {
		return err
	}
	return d.answer(struct {
		Sheet uint64 `json:"sheet"`
		Lines int    `json:"lines"`
	}{sheet.Number, sheet.Lines}, func() {
		d.say("cli.consent.sheet", "number", sheet.Number, "count", sheet.Lines)
		d.say("cli.list.file", "path", c.Output)
	})
}

// scan takes in what was scanned or photographed.
func (c *consentScanCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := io.Copy(&file, io.LimitReader(d.files["file"], document.ScanSize+1)); err != nil {
		return err
	}
	came, err := d.house.Consents.Scan(ctx, actor, file.Bytes())
	if err != nil {
		return err
	}
	return d.answer(came, func() {
		d.say("cli.consent.scanned", "lines", came.Lines, "pages", came.Pages, "again", came.Again, "unknown", came.Unknown)
	})
}

// paperLine is a paper that waits to be entered.
type paperLine struct {
	ID      string   `json:"id"` // of the person, the public one
	Name    string   `json:"name"`
	Code    string   `json:"code"`
	Sheet   uint64   `json:"sheet,omitempty"`
	Picture bool     `json:"picture"`
	Asked   []string `json:"asked"`
}

// papers lists what is out and what waits.
func (c *consentPapersCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.inUnit(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	w, err := d.house.Consents.Paperwork(ctx, actor, body.ID)
	if err != nil {
		return err
	}
	lines := make([]paperLine, len(w.Waiting))
	t := d.newTable("code", "name", "what")
	for i := range w.Waiting {
		l := &w.Waiting[i]
		lines[i] = paperLine{ID: d.house.Keyring.PublicID(l.Person), Name: l.Name, Code: l.Paper.Code, Sheet: l.Paper.Sheet, Picture: l.Paper.Pictured}
		for _, a := range l.Paper.Asked {
			lines[i].Asked = append(lines[i].Asked, a.Code)
		}
		t.add(consent.ShowCode(l.Paper.Code), l.Name, d.p.List(lines[i].Asked))
	}
	return d.answer(struct {
		Sheets  []consent.Printed `json:"sheets"`
		Waiting []paperLine       `json:"waiting"`
		More    int               `json:"more"`
	}{w.Sheets, lines, w.More}, func() {
		for _, x := range w.Sheets {
			d.say("cli.consent.sheet_line", "number", x.Number, "state", d.p.T("consent.page.sheet_state", "out", x.Out, "waiting", x.Waiting, "settled", x.Settled))
		}
		d.print(t)
	})
}

// settle enters what a paper says, found by the code printed on it.
func (c *consentSettleCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, id, err := d.house.Consents.Typed(ctx, actor, c.Paper)
	if err != nil {
		return err
	}
	said := consent.Said{Signed: !c.Unsigned, Gave: c.Gave, Back: c.Back, Wishes: c.Wish}
	if err := d.house.Consents.Settle(ctx, actor, person, id, said); err != nil {
		return err
	}
	return d.answer(struct {
		Signed bool     `json:"signed"`
		Gave   []string `json:"gave"`
		Back   []string `json:"back"`
		Wishes []string `json:"wishes"`
	}{said.Signed, c.Gave, c.Back, c.Wish}, func() { d.say("consent.notice.settled") })
}

// end ends what did not come back of a sheet.
func (c *consentEndCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.inUnit(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	ended, err := d.house.Consents.EndSheet(ctx, actor, body.ID, c.Sheet)
	if err != nil {
		return err
	}
	return d.answer(struct {
		Ended int `json:"ended"`
	}{ended}, func() { d.say("cli.consent.ended", "count", ended) })
}
