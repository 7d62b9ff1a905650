package agreement

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
)

// conclude makes the sealed PDF of an agreement that both sides have signed. A stop
// before its end leaves it countersigned, and the next day's work goes on.
func (s *Service) conclude(ctx context.Context, a Agreement) (Agreement, error) {
	d, err := s.dossier(ctx, &a)
	if err != nil {
		return a, err
	}
	proof, err := s.Journal.Prove(ctx, a.entry)
	if err != nil {
		return a, err
	}
	var plain bytes.Buffer
	if err := s.print(&plain, &a, &d, &proof); err != nil {
		return a, err
	}
	sealed, err := s.Seal.Seal(ctx, plain.Bytes(), s.Charter.Printer(a.Lang).T("agreement.paper.reason", "number", a.Number))
	if err != nil {
		return a, err
	}
	b, err := s.bodyOf(a.Unit)
	if err != nil {
		return a, err
	}
	return a, s.DB.Write(ctx, func(tx *database.Tx) error {
		all, err := agreements(tx, `number = $1`, a.Number)
		if err != nil {
			return err
		}
		if a = all[0]; a.State != Countersigned {
			return nil // somebody else was faster
		}
		if err := record.Put(s.Records, tx, papers, a.holder, uint64(a.Number), &file{sealed}); err != nil {
			return err
		}
		before, err := agreements(tx, `unit = $1 AND state = 'concluded'`, int64(a.Unit))
		if err != nil {
			return err
		}
		for i := range before {
			old := &before[i]
			old.State, old.EndedAt = Replaced, tx.Now()
			if old.KeepUntil.IsZero() {
				old.KeepUntil = s.keepUntil()
			}
			if err := update(tx, old); err != nil {
				return err
			}
		}
		a.State, a.SealedHash = Concluded, hash(sealed)
		if err := update(tx, &a); err != nil {
			return err
		}
		return s.tend(tx, &b, &a)
	})
}

// Print writes a body's agreement to be read or to be signed by hand: with a square that
// leads to where the scan is handed in (N2). It names nobody.
func (s *Service) Print(ctx context.Context, w io.Writer, body unit.ID, lang string) error {
	text, _, err := s.Text(ctx, body, lang)
	if err != nil {
		return err
	}
	now, _, err := s.Current(ctx, body)
	if err != nil {
		return err
	}
	b, err := s.bodyOf(body)
	if err != nil {
		return err
	}
	p := s.Charter.Printer(lang)
	out := s.paper(w, p, &text, b)
	if err := out.sections(text.Sections); err != nil {
		return err
	}
	sheet := document.Section{Heading: p.T("agreement.paper.sheet"), Paragraphs: []string{
		p.T("agreement.paper.by_hand", "body", b.Unit.Name), p.T("agreement.paper.line_name"), p.T("agreement.paper.line_post"), p.T("agreement.paper.line_meeting"),
		p.T("agreement.paper.line_place"), p.T("agreement.paper.line_sign"), p.T("agreement.paper.hand_in"),
	}, Square: s.URL(b.Unit.Code)}
	if now.Number != 0 {
		sheet.Codes = append(sheet.Codes, p.T("agreement.paper.number", "number", now.Number))
	}
	if err := out.w.Write(sheet); err != nil {
		return err
	}
	return out.w.Close()
}

type writer struct{ w *document.PaperWriter }

func (s *Service) paper(w io.Writer, p *locale.Printer, text *Document, b Bound) writer {
	out := document.NewPaper(w, document.PaperTexts{
		Sender: s.name(b.With, p.Lang()), Title: text.Title, Footer: b.Unit.Name + " · " + text.Title, Page: p.T("extract.print.page"),
	}, nil, document.PDFOptions{Title: text.Title, Language: p.Lang(), Time: s.Now()})
	_ = out.Write(document.Section{Paragraphs: []string{text.Lead}}) // its error comes again at the end
	return writer{out}
}

func (w writer) sections(all []Section) error {
	for i := range all {
		if err := w.w.Write(document.Section{Heading: all[i].Heading, Paragraphs: all[i].Text, Items: all[i].Items}); err != nil {
			return err
		}
	}
	return nil
}

// print writes an agreement that both have signed: the text as it was signed, appendix
// D with who signed, and a last page with hashes and the journal's proof.
func (s *Service) print(w io.Writer, a *Agreement, d *Dossier, proof *journal.Proof) error {
	b, err := s.bodyOf(a.Unit)
	if err != nil {
		return err
	}
	p := s.Charter.Printer(a.Lang)
	out := s.paper(w, p, &a.Content, b)
	if err := out.sections(a.Content.Sections); err != nil {
		return err
	}
	sheet := document.Section{Heading: p.T("agreement.paper.sheet"), Paragraphs: []string{
		p.T("agreement.paper.for", "body", b.Unit.Name), s.signed(p, &d.Body),
		p.T("agreement.paper.mandate", "meeting", p.T("agreement.meeting."+d.Body.Mandate.Meeting), "date", p.Date(d.Body.Mandate.On), "item", d.Body.Mandate.Item),
	}}
	if d.Body.ScanHash != "" {
		sheet.Paragraphs = append(sheet.Paragraphs, p.T("agreement.paper.by_scan"))
		sheet.Codes = append(sheet.Codes, d.Body.ScanHash)
	}
	sheet.Paragraphs = append(sheet.Paragraphs, p.T("agreement.paper.looked"), s.signed(p, &d.Looked), p.T("agreement.paper.for", "body", s.name(b.With, a.Lang)), s.signed(p, &d.Other))
	if err := out.w.Write(sheet); err != nil {
		return err
	}
	out.w.Another(document.PaperTexts{Sender: s.name(b.With, a.Lang), Title: p.T("agreement.paper.proof"), Footer: b.Unit.Name + " · " + a.Content.Title, Page: p.T("extract.print.page")})
	err = out.w.Write(document.Section{
		Paragraphs: []string{p.T("agreement.paper.proof_text")},
		Codes: []string{
			p.T("agreement.paper.text_hash", "hash", hex.EncodeToString(a.Hash)),
			p.T("agreement.paper.clauses", "version", a.Version, "lock", Lock(a.Kind)),
			p.T("agreement.paper.leaf", "index", proof.Position, "size", proof.Size), p.T("agreement.paper.leaf_hash", "hash", proof.Leaf),
			p.T("agreement.paper.path", "hashes", strings.Join(proof.Path, " ")),
			p.T("agreement.paper.checkpoint"),
		},
	})
	if err != nil {
		return err
	}
	if err := out.w.Write(document.Section{Codes: strings.Split(strings.TrimSpace(proof.Checkpoint), "\n")}); err != nil {
		return err
	}
	return out.w.Close()
}

// signed is a signature in a line.
func (s *Service) signed(p *locale.Printer, sig *Signature) string {
	from, until := p.T("agreement.paper.open_end"), p.T("agreement.paper.open_end")
	if !sig.From.IsZero() {
		from = p.Date(sig.From)
	}
	if !sig.Until.IsZero() {
		until = p.Date(sig.Until)
	}
	return p.T("agreement.paper.signed", "name", sig.Name, "function", sig.Function, "from", from, "until", until, "at", p.DateTime(sig.At, s.Charter.Location()))
}

// Renew asks a body to sign anew, by those who follow the round.
func (s *Service) Renew(ctx context.Context, by access.Actor, body unit.ID) (a Agreement, err error) {
	b, err := s.bodyOf(body)
	if err != nil {
		return a, err
	}
	scope, _, err := s.require(ctx, by, &b, receives, countersigns)
	if err != nil {
		return a, err
	}
	return a, s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := find(tx, body)
		if err != nil {
			return err
		}
		if now.Number != 0 && now.State != Concluded {
			return fault.New(fault.Conflict, "agreement.error.under_way")
		}
		why := Renewed
		if now.Number == 0 {
			why = First
		}
		if a, err = s.open(tx, &b, why); err != nil {
			return err
		}
		a.signer = 0
		if _, err := s.note(tx, scope, journal.AgreementAsk, &a, why); err != nil {
			return err
		}
		return s.tend(tx, &b, &a)
	})
}
