package app

import (
	"context"
	"io"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/handout"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/notice"
	"kartotek/internal/vault"
)

// handoutPath is the page of whoever was handed a list.
const handoutPath = "/handout"

// How often strangers may knock there: codes of one link in a day, visits from one
// network in ten minutes, codes of all in an hour.
const (
	codesPerLink       = 10
	handoutsPerNetwork = 30
	handoutCodesInAll  = 500
)

// connectHandouts makes the procedure of requisitions (D5, D13).
func (h *House) connectHandouts() {
	h.Handouts = handout.New(handout.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		Members: recipientCards{h}, Lists: handedLists{h}, Holders: handedHolders{h}, Letters: handedLetters{h}, Eraser: handedHolders{h},
		Consents: h.Consents,
		Limits:   h.SignIn.Throttle("handout", codesPerLink, handoutsPerNetwork, handoutCodesInAll),
		URL:      func(key string) string { return h.URL + handoutPath + "?key=" + key }, Now: h.Now,
	})
	h.Access.Handouts = h.Handouts
}

// recipientCards tells what a requisition must know of members.
type recipientCards struct{ h *House }

func (r recipientCards) Leaving(person vault.PersonID) bool { return r.h.Members.Leaving(person) }

func (r recipientCards) Within(s access.Scope, person vault.PersonID) bool {
	return r.h.Members.Within(s, person)
}

func (r recipientCards) Address(ctx context.Context, person vault.PersonID) (name, email, lang string, err error) {
	scope, err := r.h.self(person)
	if err != nil {
		return "", "", "", err
	}
	own, err := r.h.Members.Own(ctx, scope)
	if fault.Is(err, fault.NotFound) {
		return "", "", r.h.Charter.Lang(), nil
	}
	if err != nil {
		return "", "", "", err
	}
	if lang = own.Language; lang == "" {
		lang = r.h.Charter.Lang()
	}
	return own.Name(), own.Email, lang, nil
}

// handedLists makes the lists that are handed out.
type handedLists struct{ h *House }

func (l handedLists) Formats() []string {
	codes := make([]string, len(extract.HandedFormats))
	for i, f := range extract.HandedFormats {
		codes[i] = string(f)
	}
	return codes
}

func (l handedLists) Foresee(scope access.Scope, only *roaring.Bitmap) (members, without int) {
	slip, without := l.h.Extracts.Foresee(scope, only)
	return slip.Members, without
}

func (l handedLists) Make(ctx context.Context, scope access.Scope, m handout.Making) (handout.Delivery, error) {
	d, err := l.h.Extracts.HandOver(ctx, scope, extract.Handing{
		Format: extract.Format(m.Format), Lang: m.Lang, DestroyBy: m.DestroyBy, Name: m.Name, Only: m.Only,
		With: func(tx *database.Tx, list *extract.List) error {
			made := handedList(list)
			return m.With(tx, &made)
		},
	})
	if err != nil {
		return nil, err
	}
	return delivery{d}, nil
}

// delivery is a handed list on its way.
type delivery struct{ *extract.Delivery }

func (d delivery) Write(ctx context.Context, w io.Writer) error { return d.Delivery.Write(ctx, w) }

func handedList(l *extract.List) handout.List {
	return handout.List{
		Number: l.Number, Members: l.Members, DestroyBy: l.DestroyBy, PulledAt: l.PulledAt, Whole: l.Outcome.Written >= 0,
		Digital: !l.DigitalAt.IsZero(), Physical: !l.PhysicalAt.IsZero(), Destroyed: l.Destroyed(),
	}
}

func (l handedLists) Numbered(ctx context.Context, numbers ...int64) ([]handout.List, error) {
	found, err := l.h.Extracts.Numbered(ctx, numbers...)
	all := make([]handout.List, len(found))
	for i := range found {
		all[i] = handedList(&found[i])
	}
	return all, err
}

func (l handedLists) Attest(tx *database.Tx, number int64, by vault.PersonID, note journal.Entry, digital, physical bool) (handout.List, error) {
	var media []extract.Medium
	if digital {
		media = append(media, extract.Digital)
	}
	if physical {
		media = append(media, extract.Physical)
	}
	after, err := l.h.Extracts.AttestHanded(tx, number, by, note, media...)
	return handedList(&after), err
}

func (l handedLists) Withheld(ctx context.Context, person vault.PersonID, p *charter.Purpose) (bool, error) {
	return l.h.Extracts.Withheld(ctx, person, p)
}

// handedHolders has recipients told of changes like other holders, and takes away those
// of whom nothing is told any more.
type handedHolders struct{ h *House }

func (o handedHolders) Hold(tx *database.Tx, c *handout.Case, list int64) error {
	purpose, _ := o.h.Charter.Purpose(c.Wish.Purpose)
	lang := c.Wish.To.Lang
	if lang == "" {
		lang = o.h.Charter.Lang()
	}
	return o.h.Notices.HandedTo(tx, notice.Handed{
		Contact: notice.Contact{Who: c.Wish.To.Name + ", " + c.Wish.To.Function, Email: c.Wish.To.Email, Language: lang, Basis: c.Wish.Need},
		Person:  c.Person, List: list, Purposes: []string{c.Wish.Purpose}, Fields: purpose.Fields,
	})
}

func (o handedHolders) Gone(tx *database.Tx, recipient vault.PersonID, lists ...int64) error {
	return o.h.Notices.HandedGone(tx, recipient, lists...)
}

func (o handedHolders) Discard(ctx context.Context, person vault.PersonID) error {
	if err := o.h.DB.Write(ctx, func(tx *database.Tx) error { return o.h.Notices.HandedEnded(tx, person) }); err != nil {
		return err
	}
	return applicants(o).Discard(ctx, person)
}

// handedLetters writes to recipients. What a mail says of the list is what its page
// says too, and neither sender nor subject says anything (L1).
type handedLetters struct{ h *House }

func (l handedLetters) Write(ctx context.Context, c *handout.Case, kind string, args ...any) (handout.Letter, error) {
	text := func(p *locale.Printer) string {
		said := make([]any, len(args))
		for i, arg := range args {
			if day, ok := arg.(civil.Date); ok {
				arg = p.Date(day)
			}
			said[i] = arg
		}
		return p.T(kind+".body", said...)
	}
	message, err := l.compose(ctx, c, kind, text)
	if err != nil || message == nil {
		return func(*database.Tx) error { return nil }, err
	}
	if kind == "handout.code" {
		message.Ends = l.h.Now().Add(handout.CodeLife)
	}
	prepared, err := l.h.Mail.Prepare(ctx, *message)
	if err != nil {
		return nil, err
	}
	return prepared.Enqueue, nil
}

func (l handedLetters) compose(ctx context.Context, c *handout.Case, kind string, text func(*locale.Printer) string) (*mail.Message, error) {
	if c.Member() {
		return letters(l).compose(ctx, c.Person, kind, text)
	}
	lang := c.Wish.To.Lang
	if lang == "" {
		lang = l.h.Charter.Lang()
	}
	p := l.h.Charter.Printer(lang)
	return &mail.Message{
		Person: c.Person, To: c.Wish.To.Email, Kind: kind, Subject: p.T(kind + ".subject"), Body: text(p), Ends: l.h.Now().Add(letterLife),
	}, nil
}

// remindHanded writes to a recipient without an account; false where the duty is of
// somebody who has one.
func (h *House) remindHanded(ctx context.Context, d duty.Duty, person vault.PersonID) (bool, error) {
	if d.Kind != duty.DestroyList || d.Person != person || len(h.Members.Units(person)) > 0 {
		return false, nil
	}
	c, handed, err := h.Handouts.Recipient(ctx, d.Subject, person)
	if err != nil || !handed {
		return handed, err
	}
	return true, h.Handouts.Remind(ctx, &c)
}
