package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kartotek/internal/agreement"
	"kartotek/internal/document"
	"kartotek/internal/seal"
	"kartotek/internal/unit"
)

type agreementListCommand struct {
	inHouse
	asWho
	State string `enum:",none,late,open,returned,signed,accepted,countersigned,concluded" default:"" placeholder:"STATE"`
}

type agreementAskCommand struct {
	inHouse
	asWho
}

type agreementShowCommand struct {
	inHouse
	asWho
	Unit string `arg:"" name:"BODY"`
}

type agreementSignCommand struct {
	asWho
	Unit    string `arg:"" name:"BODY"`
	Meeting string `required:"" enum:"board,members" placeholder:"board|members"`
	On      day    `required:"" placeholder:"DATE"`
	Item    string `required:"" placeholder:"TEXT"`
	Scan    string `placeholder:"FILE"`
}

func (c *agreementSignCommand) needs() []wish { return []wish{{part: "scan", path: c.Scan}} }

type agreementAcceptCommand struct {
	inHouse
	asWho
	Unit string `arg:"" name:"BODY"`
}

type agreementReturnCommand struct {
	inHouse
	asWho
	Unit string `arg:"" name:"BODY"`
}

type agreementCountersignCommand struct {
	inHouse
	asWho
	Unit string `arg:"" name:"BODY"`
}

type agreementRenewCommand struct {
	inHouse
	asWho
	Unit string `arg:"" name:"BODY"`
}

type agreementRemindCommand struct {
	inHouse
	asWho
	Unit string `arg:"" optional:"" name:"BODY"`
}

type agreementExportCommand struct {
	asWho
	Unit   string `arg:"" name:"BODY"`
	Draft  bool
	Output string `required:"" short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *agreementExportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type agreementCertificateCommand struct {
	Output string `required:"" short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *agreementCertificateCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type agreementVerifyCommand struct {
	File        string `arg:"" name:"FILE"`
	Certificate string `placeholder:"SHA256"`
}

// agreementLine is an agreement in an answer. It names nobody.
type agreementLine struct {
	Unit      string `json:"unit"`
	Agreement int64  `json:"agreement,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Version   int    `json:"version,omitempty"`
	State     string `json:"state"`
	Why       string `json:"why,omitempty"`
	DueOn     string `json:"due_on,omitempty"`
	Late      bool   `json:"late"`
	Since     string `json:"in_force_since,omitempty"`
	Reminders int    `json:"reminders"`
	Hash      string `json:"text_sha256,omitempty"`
	Sealed    string `json:"sealed_sha256,omitempty"`
}

func (d *desk) agreementLine(a *agreement.Agreement, body unit.ID) agreementLine {
	l := agreementLine{Unit: d.unitCode(body), State: "none"}
	if a.Number == 0 {
		return l
	}
	l.Agreement, l.Kind, l.Version, l.State, l.Why = a.Number, a.Kind, a.Version, string(a.State), a.Why
	l.Reminders, l.Hash, l.Sealed = a.Reminders, hex.EncodeToString(a.Hash), hex.EncodeToString(a.SealedHash)
	if !a.ConcludedAt.IsZero() {
		l.Since = isoTime(a.ConcludedAt)
	}
	if a.State != agreement.Concluded && a.State != agreement.Replaced {
		l.DueOn, l.Late = a.DueOn.String(), a.DueOn.Before(d.house.Access.Today())
	}
	return l
}

func (d *desk) answerAgreements(lines []agreementLine) error {
	t := d.newTable("unit", "number", "state", "until")
	t.right[1] = true
	for i := range lines {
		l, number, until := &lines[i], "", ""
		if l.Agreement != 0 {
			number = d.p.T("cli.list.number", "number", l.Agreement)
		}
		if l.DueOn != "" {
			until = l.DueOn
		}
		t.add(l.Unit, number, d.p.T("agreement.state."+l.State), until)
	}
	return d.answer(lines, func() { d.print(t) })
}

func (c *agreementListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	st, err := d.house.Agreements.Status(ctx, actor, agreement.State(c.State), "")
	if err != nil {
		return err
	}
	lines := make([]agreementLine, 0, len(st.Lines))
	for i := range st.Lines {
		lines = append(lines, d.agreementLine(&st.Lines[i].Agreement, st.Lines[i].Unit))
	}
	return d.answerAgreements(lines)
}

func (c *agreementAskCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	asked, err := d.house.Agreements.Ask(ctx, actor)
	if err != nil {
		return err
	}
	return d.answer(map[string]int{"asked": asked}, func() { d.say("agreement.notice.asked", "number", asked) })
}

// answerAgreement is the round of a body.
func (d *desk) answerAgreement(ctx context.Context, body unit.ID) error {
	now, _, err := d.house.Agreements.Current(ctx, body)
	if err != nil {
		return err
	}
	return d.answerAgreements([]agreementLine{d.agreementLine(&now, body)})
}

// show gives the text and how it stands; who signed is on the page and on the sealed paper.
func (c *agreementShowCommand) run(ctx context.Context, d *desk) error {
	_, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	text, inForce, err := d.house.Agreements.Text(ctx, body, d.p.Lang())
	if err != nil {
		return err
	}
	all, err := d.house.Agreements.History(ctx, body)
	if err != nil {
		return err
	}
	told := struct {
		InForce bool               `json:"in_force"`
		Text    agreement.Document `json:"text"`
		Rounds  []agreementLine    `json:"rounds"`
	}{InForce: inForce, Text: text, Rounds: []agreementLine{}}
	for i := range all {
		told.Rounds = append(told.Rounds, d.agreementLine(&all[i], body))
	}
	return d.answer(told, func() {
		d.line(text.Title)
		d.line(text.Lead)
		for i := range text.Sections {
			section := &text.Sections[i]
			d.line("")
			d.line(section.Heading)
			for _, line := range section.Text {
				d.line("  " + line)
			}
			for _, item := range section.Items {
				d.line("  - " + item)
			}
		}
		d.line("")
		for i := range told.Rounds {
			l := &told.Rounds[i]
			d.line(d.p.T("agreement.page.number", "number", l.Agreement, "version", l.Version) + ": " + d.p.T("agreement.state."+l.State))
		}
	})
}

func (c *agreementSignCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	w := agreement.Signing{Mandate: agreement.Mandate{Meeting: c.Meeting, On: c.On.Date, Item: c.Item}}
	if file := d.files["scan"]; file != nil {
		if w.Scan, err = io.ReadAll(io.LimitReader(file, agreement.LargestFile+1)); err != nil {
			return err
		}
	}
	if _, err := d.house.Agreements.Sign(ctx, actor, body, w); err != nil {
		return err
	}
	return d.answerAgreement(ctx, body)
}

// agreementStep does one step of a body's round.
func (d *desk) agreementStep(ctx context.Context, as, code string, act func(body unit.ID, now *agreement.Agreement) error) error {
	_, body, err := d.actorIn(ctx, as, code)
	if err != nil {
		return err
	}
	now, _, err := d.house.Agreements.Current(ctx, body)
	if err != nil {
		return err
	}
	if err := act(body, &now); err != nil {
		return err
	}
	return d.answerAgreement(ctx, body)
}

func (c *agreementAcceptCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	return d.agreementStep(ctx, c.As, c.Unit, func(_ unit.ID, now *agreement.Agreement) error {
		_, err := d.house.Agreements.Accept(ctx, actor, now.Number)
		return err
	})
}

// The reason is read from standard input.
func (c *agreementReturnCommand) run(ctx context.Context, d *desk) error {
	why, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	return d.agreementStep(ctx, c.As, c.Unit, func(_ unit.ID, now *agreement.Agreement) error {
		_, err := d.house.Agreements.Return(ctx, actor, now.Number, why)
		return err
	})
}

func (c *agreementCountersignCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	return d.agreementStep(ctx, c.As, c.Unit, func(_ unit.ID, now *agreement.Agreement) error {
		_, err := d.house.Agreements.Countersign(ctx, actor, now.Number)
		return err
	})
}

func (c *agreementRenewCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	return d.agreementStep(ctx, c.As, c.Unit, func(body unit.ID, _ *agreement.Agreement) error {
		_, err := d.house.Agreements.Renew(ctx, actor, body)
		return err
	})
}

// remind tells one body, or without a code all that have not signed.
func (c *agreementRemindCommand) run(ctx context.Context, d *desk) error {
	var body unit.ID
	actor, err := d.actor(ctx, c.As)
	if c.Unit != "" && err == nil {
		_, body, err = d.actorIn(ctx, c.As, c.Unit)
	}
	if err != nil {
		return err
	}
	told, err := d.house.Agreements.Remind(ctx, actor, body)
	if err != nil {
		return err
	}
	return d.answer(map[string]int{"reminded": told}, func() { d.say("agreement.notice.reminded", "number", told) })
}

// export writes the sealed agreement in force, or what is printed to be signed by hand.
func (c *agreementExportCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	if c.Draft {
		return d.house.Agreements.Print(ctx, d.files["output"], body, d.p.Lang())
	}
	_, force, err := d.house.Agreements.Current(ctx, body)
	if err != nil {
		return err
	}
	file, err := d.house.Agreements.Sealed(ctx, actor, force.Number)
	if err != nil {
		return err
	}
	_, err = d.files["output"].Write(file)
	return err
}

func (c *agreementCertificateCommand) run(ctx context.Context, d *desk) error {
	certificate, err := d.house.Seal.Current(ctx)
	if err != nil {
		return err
	}
	_, err = d.files["output"].Write(certificate.PEM())
	return err
}

// longestSealed is how long a file is looked at as a sealed one.
const longestSealed = 32 << 20

// line prints a line that somebody wrote, or the charter.
func (d *desk) line(text string) { fmt.Fprintln(d.out, printable(text)) }

// sealVerdict is what came of a check of a sealed file.
type sealVerdict struct {
	Sound       bool   `json:"sound"`
	Name        string `json:"name,omitempty"`
	Reason      string `json:"reason,omitempty"`
	SealedAt    string `json:"sealed_at,omitempty"`
	Base        string `json:"file_sha256,omitempty"`
	Certificate string `json:"certificate_sha256,omitempty"`
	Number      int64  `json:"certificate,omitempty"`
}

// A sealed agreement is checked here, beside any server and without a register: whoever
// holds it may have neither. The certificate is compared with one that is known.
func (c *agreementVerifyCommand) run(_ context.Context, d *desk) error {
	file, _, err := d.signed(c.File, "", longestSealed)
	if err != nil {
		return err
	}
	r, err := seal.Verify(file)
	if errors.Is(err, document.ErrNotOurs) {
		if err := d.answer(sealVerdict{}, func() { d.say("agreement.verify.foreign") }); err != nil {
			return err
		}
		return exit(fails)
	}
	if err != nil {
		return err
	}
	v := sealVerdict{
		Sound: r.Sound, Name: r.Name, Reason: r.Reason, SealedAt: r.Time.UTC().Format(time.RFC3339), Base: hex.EncodeToString(r.Mark[:]),
		Certificate: hex.EncodeToString(r.Certificate[:]), Number: r.Number,
	}
	known := c.Certificate == "" || v.Certificate == strings.ToLower(strings.NewReplacer(" ", "", ":", "").Replace(c.Certificate))
	v.Sound = v.Sound && known
	err = d.answer(v, func() {
		switch {
		case !known:
			d.say("agreement.verify.different")
		case !v.Sound:
			d.say("agreement.verify.broken")
		default:
			d.say("agreement.verify.sound", "name", r.Name, "at", v.SealedAt, "reason", r.Reason)
		}
		d.say("agreement.verify.certificate", "number", r.Number, "mark", v.Certificate)
		d.say("agreement.verify.base", "hash", v.Base)
	})
	if err != nil || v.Sound {
		return err
	}
	return exit(fails)
}
