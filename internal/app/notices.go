package app

import (
	"context"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/certificate"
	"kartotek/internal/database"
	"kartotek/internal/extract"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/notice"
	"kartotek/internal/vault"
)

// connectNotices gives the room that tells holders outside what it asked for.
func (h *House) connectNotices() {
	h.Notices = notice.New(notice.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Access: h.Access, Duties: h.Duties,
		Units: h.Members.Units, Lists: handed{h}, Eraser: applicants{h}, Letters: outside{h}, Now: h.Now,
	})
}

// handed tells who stands on which list.
type handed struct{ h *House }

func (l handed) Holding(ctx context.Context, person vault.PersonID) ([]notice.List, error) {
	found, err := l.h.Extracts.Holding(ctx, person)
	if err != nil {
		return nil, err
	}
	all := make([]notice.List, len(found))
	for i := range found {
		all[i] = notice.List{Number: found[i].Number, Fields: found[i].Fields, Destroyed: found[i].Destroyed()}
	}
	return all, nil
}

func (l handed) LinesOn(ctx context.Context, number int64, persons []vault.PersonID) (map[vault.PersonID]int, error) {
	return l.h.Extracts.LinesOn(ctx, number, persons)
}

func (l handed) Mine(ctx context.Context, by access.Actor, number int64) (bool, error) {
	mine, err := l.h.Extracts.Mine(ctx, by)
	return slices.ContainsFunc(mine, func(list extract.List) bool { return list.Number == number }), err
}

// recipients have the holders outside told of an erasure.
type recipients struct{ h *House }

func (r recipients) Leaving(tx *database.Tx, person vault.PersonID) error {
	if err := r.h.passedOn(tx, person); err != nil {
		return err
	}
	return r.h.Notices.Changed(tx, notice.Change{Person: person, Why: notice.Erased})
}

func (r recipients) Told(ctx context.Context, person vault.PersonID) ([]certificate.Told, error) {
	all, err := r.h.Notices.About(ctx, person)
	var told []certificate.Told
	for _, t := range all {
		if t.Why != notice.Erased {
			continue
		}
		state := string(t.State)
		if state == "" {
			state = "waiting"
		}
		told = append(told, certificate.Told{Holder: t.Holder, Country: t.Country, List: t.List, Line: t.Line.Line, ToldAt: t.ToldAt, DoneAt: t.DoneAt, State: state})
	}
	if err != nil {
		return told, err
	}
	passed, err := r.h.passedTold(ctx, person)
	return append(told, passed...), err
}

// outside writes to holders.
type outside struct{ h *House }

// pointed is how many lines a mail names; the rest stands on its page.
const pointed = 40

func (o outside) Notice(ctx context.Context, to *notice.Holder, n *notice.Notice, key string, again bool) (notice.Letter, error) {
	p := o.h.Charter.Printer(to.Language)
	var b strings.Builder
	if again {
		b.WriteString(p.T("notice.mail.again") + "\n\n")
	}
	b.WriteString(p.T("notice.mail.lead") + "\n\n")
	for i := range n.Lines[:min(len(n.Lines), pointed)] {
		b.WriteString("- " + NoticeLine(p, &n.Lines[i], o.h.fieldName) + "\n")
	}
	if more := len(n.Lines) - pointed; more > 0 {
		b.WriteString("- " + p.T("notice.mail.more", "count", more) + "\n")
	}
	b.WriteString("\n" + p.T("notice.mail.act", "url", o.h.URL+noticePath+"?key="+key))
	prepared, err := o.h.Mail.Prepare(ctx, mail.Message{
		Person: to.Person, To: to.Email, Kind: "notice.mail", Subject: p.T("notice.mail.subject"), Body: b.String(), Ends: o.h.Now().Add(letterLife),
	})
	if err != nil {
		return nil, err
	}
	return prepared.Enqueue, nil
}

// noticePath is the page a holder acknowledges on.
const noticePath = "/notice"

func (h *House) fieldName(lang, code string) string {
	if f, known := h.Charter.Field(code); known {
		return f.Name.In(lang)
	}
	return code
}

// NoticeLine says what a holder is to do with a line, and never whose it is.
func NoticeLine(p *locale.Printer, l *notice.Line, field func(lang, code string) string) string {
	where := certificate.Pointer(p, l.List, l.Line)
	if l.List == 0 {
		where = p.T("notice.entry", "entry", l.Entry)
	}
	if l.Why != notice.Corrected {
		return p.T("notice.line."+string(l.Why), "where", where)
	}
	fields := make([]string, len(l.Fields))
	for i, code := range l.Fields {
		fields[i] = field(p.Lang(), code)
	}
	return p.T("notice.line.corrected", "where", where, "fields", fields)
}
