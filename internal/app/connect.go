package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/member"
	"kartotek/internal/news"
	"kartotek/internal/round"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
)

// connect makes the rooms that need each other and gives each the small
// interface it asked for.
func (h *House) connect() (err error) {
	h.Members = member.New(member.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Now: h.Now,
	})
	h.Members.Correct(corrections{h})
	h.Access = access.New(h.Charter, h.DB, h.Records, h.Journal, h.Units, h.Members, h.Now)
	h.Members.Posts = h.Access
	h.Members.News = reporter{h}
	h.Units.Occupied = h.Members.Occupied
	h.Units.Watch(h.Access.Refresh)
	h.News = news.New(news.Parts{DB: h.DB, Keyring: h.Keyring, Records: h.Records, Access: h.Access, Members: h.Members, Keep: days(h.Charter.Parameters.NewsDays.Value), Now: h.Now})
	h.Rounds = round.New(round.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Journal: h.Journal, Access: h.Access, Directory: h.Members, News: h.News, Now: h.Now,
	})
	h.Extracts = extract.New(h.Charter, h.DB, h.Journal, h.Access, h.Members, h.Duties)
	h.Extracts.Orders = h.Keyring
	h.Extracts.Public, h.Extracts.Body = h.Keyring.PublicID, h.bodyName
	h.Access.Lists = h.Extracts
	h.connectTrace()
	h.connectDestruction()

	options := h.Config.Mail
	options.Mailbox, options.Clock, options.Log = h.Demo, h.Now, h.Log
	options.Paper, options.Follower = paper{h}, mailed{h}
	options.Kept, options.Held = days(h.Charter.LetterKeepDays), h.held
	if options.Host == "" && options.From == "" {
		options.From = "noreply@kartotek.invalid" // nothing is sent
	}
	for _, name := range h.Charter.Name {
		options.Unsaid = append(options.Unsaid, name)
	}
	h.connectLetters()
	if h.Mail, err = mail.New(h.DB, h.Keyring, options); err != nil {
		return err
	}
	h.SignIn, err = signin.New(h.DB, h.Keyring, h.Journal, h.Mail, signin.Options{
		Link:    func(request string) string { return h.URL + "/signin/code?request=" + request },
		Words:   h.Charter.Printer,
		Persons: door{h}, Demo: h.Demo, Clock: h.Now,
		URL: h.URL, Records: h.Records, Rights: door{h},
		Wall: h.steady.Wall, Journaled: days(h.Charter.Parameters.SigninDays.Value),
	})
	if err != nil {
		return err
	}
	h.Departures = departure.New(departure.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal,
		Access: h.Access, Duties: h.Duties, Units: h.Units, Directory: h.Members, Sessions: h.SignIn, Letters: letters{h}, Lists: lists{h}, News: reporter{h}, Now: h.Now,
		Voice: voice{h}, Recipients: recipients{h},
	})
	if err := h.connectDues(); err != nil {
		return err
	}
	h.Departures.Keeper, h.Departures.Ledger = keeper{h}, h.Dues
	h.Asking = h.connectCertificates()
	h.connectNotices()
	h.connectTransfers()
	h.connectJoining()
	h.connectReports()
	h.connectGrants()
	h.connectReviews()
	h.connectMailings()
	h.connectConsents()
	h.connectHandouts()
	h.connectMeetings()
	h.connectPassing()
	h.connectSeal()
	h.connectAgreements()
	h.connectAudits()
	h.connectRetention()
	h.connectProcedure()
	h.connectDeclaration()
	h.connectDirectory()
	h.followDeclarations()
	h.connectForecast()
	return nil
}

// door answers what the sign-in may not know itself.
type door struct{ h *House }

func (d door) Leaving(person vault.PersonID) bool { return d.h.Members.Leaving(person) }

func (d door) Candidates(ctx context.Context, persons []vault.PersonID) ([]signin.Candidate, error) {
	var all []signin.Candidate
	for _, person := range persons {
		scope, err := d.h.self(person)
		if err != nil {
			return nil, err
		}
		own, err := d.h.Members.Own(ctx, scope)
		if fault.Is(err, fault.NotFound) || err == nil && own.Hidden {
			continue // whoever leaves does not sign in
		}
		if err != nil {
			return nil, err
		}
		all = append(all, signin.Candidate{Person: person, Given: own.Given, Birth: own.Birth})
	}
	return all, d.show(ctx, all)
}

// show journals that those who share an address were told apart by their given
// names.
func (d door) show(ctx context.Context, all []signin.Candidate) error {
	if len(all) == 0 {
		return nil
	}
	e := journal.Entry{Act: journal.Shown, Right: string(access.System), Via: string(access.Web), Fields: []string{"given"}, Persons: roaring.New()}
	for _, c := range all {
		e.Persons.Add(uint32(c.Person))
	}
	_, err := d.h.Journal.Read(ctx, &e)
	return err
}

func (d door) CheckBirth(ctx context.Context, person vault.PersonID, date locale.Date) (bool, error) {
	scope, err := d.h.self(person)
	if err != nil {
		return false, err
	}
	return d.h.Members.CheckBirth(ctx, scope, date)
}

// self is the Scope in which the house itself reads somebody's own data on
// their behalf: to let them in and to write to them.
func (h *House) self(person vault.PersonID) (access.Scope, error) {
	return h.Access.Decide(access.Actor{Person: person, Via: access.System}, access.Want{Self: true})
}

// lists tells the erasure who holds a list.
type lists struct{ h *House }

// Outstanding counts the lists on which somebody stood who was registered twice
// among theirs.
func (l lists) Outstanding(ctx context.Context, person vault.PersonID) ([]departure.Held, error) {
	all, err := l.h.Extracts.Outstanding(ctx, person)
	if err != nil {
		return nil, err
	}
	once, err := l.h.Members.OnceWas(ctx, person)
	if err != nil && !errors.Is(err, vault.ErrTampered) { // what nobody can read keeps nobody
		return nil, err
	}
	for _, other := range once {
		more, err := l.h.Extracts.Outstanding(ctx, other)
		if err != nil {
			return nil, err
		}
		for _, list := range more {
			if !slices.ContainsFunc(all, func(l extract.List) bool { return l.Number == list.Number }) {
				all = append(all, list)
			}
		}
	}
	var held []departure.Held
	for _, list := range all {
		held = append(held, departure.Held{Number: list.Number, DestroyBy: list.DestroyBy})
	}
	return held, nil
}

// Holding are the lists somebody has not attested yet.
func (l lists) Holding(q database.Querier, person vault.PersonID) (held []departure.Held, err error) {
	open, err := l.h.Extracts.OpenOf(q, person)
	for _, list := range open {
		held = append(held, departure.Held{Number: list.Number, DestroyBy: list.DestroyBy})
	}
	return held, err
}

func (l lists) Orphan(tx *database.Tx, person vault.PersonID) error {
	return l.h.Extracts.Orphan(tx, person)
}

// letters writes to whoever leaves.
type letters struct{ h *House }

// letterLife is how long a letter to somebody who leaves is tried.
const letterLife = 3 * 24 * time.Hour

func (l letters) Closed(ctx context.Context, d departure.Departure) (departure.Letter, error) {
	zone := l.h.Charter.Location()
	return l.write(ctx, d.Person, "departure.closed", func(p *locale.Printer) string {
		return p.T("departure.mail.closed", "at", p.DateTime(d.ClosedAt, zone), "due", p.DateTime(d.DueAt, zone), "number", d.Certificate)
	})
}

func (l letters) Undone(ctx context.Context, d departure.Departure) (departure.Letter, error) {
	return l.write(ctx, d.Person, "departure.undone", func(p *locale.Printer) string {
		return p.T("departure.mail.undone")
	})
}

func (l letters) Held(ctx context.Context, d departure.Departure, h departure.Hold) (departure.Letter, error) {
	return l.write(ctx, d.Person, "departure.held", func(p *locale.Printer) string {
		return p.T("departure.mail.held", "why", p.T("departure.hold."+string(h.Kind)), "until", p.Date(h.Until), "grounds", h.Grounds,
			"authority", l.h.AuthorityFor(d.Person, p).Text)
	})
}

func (l letters) Certificates(ctx context.Context, all []departure.Handing) ([]departure.Letter, error) {
	out := make([]departure.Letter, len(all))
	var messages []mail.Message
	var places []int
	for i := range all {
		d, c := &all[i].To, &all[i].Certificate
		paper := l.onPaper(ctx, d.Person)
		if d.Second != 0 && paper {
			continue // whoever ended the window hands it over at once, from the page
		}
		message, err := l.compose(ctx, d.Person, certificateKind, func(p *locale.Printer) string {
			return p.T("departure.mail.certificate") + "\n\n" + c.Text(p, l.h.Charter.Name.In(p.Lang()), l.h.Charter.Location()) +
				"\n" + l.h.fetching(p, c, paper)
		})
		if err != nil {
			return nil, err
		}
		if message != nil {
			messages, places = append(messages, *message), append(places, i)
		}
	}
	prepared, err := l.h.Mail.PrepareAll(ctx, messages...)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		out[place] = prepared[i].Enqueue
	}
	return out, nil
}

// Delivered asks the outbox and the print queue; without a mail server nothing is
// ever sent, so nothing waits there.
func (l letters) Delivered(ctx context.Context, person vault.PersonID) (bool, error) {
	if holding, err := l.h.Letters.Holding(ctx, person); err != nil || holding {
		return false, err
	}
	if l.h.Config.Mail.Host == "" {
		return true, nil
	}
	waiting, err := l.h.Mail.Waiting(ctx, person)
	return err == nil && waiting == 0, err
}

// Cancel takes back what waits to be sent to some persons.
func (l letters) Cancel(ctx context.Context, persons ...vault.PersonID) error {
	if _, err := l.h.Mail.Forget(ctx, persons...); err != nil {
		return err
	}
	return l.h.Letters.Forget(ctx, persons...)
}

// Forget destroys the letters to some persons that still lie here, sign-in codes
// to their addresses among them.
func (l letters) Forget(ctx context.Context, persons ...vault.PersonID) error {
	if err := l.Cancel(ctx, persons...); err != nil {
		return err
	}
	var addresses []string
	for _, person := range persons {
		scope, err := l.h.self(person)
		if err != nil {
			return err
		}
		own, err := l.h.Members.Own(ctx, scope)
		switch {
		case fault.Is(err, fault.NotFound), errors.Is(err, vault.ErrTampered), err == nil && own.Email == "":
			// no address that anybody could read
		case err != nil:
			return err
		default:
			addresses = append(addresses, own.Email)
		}
	}
	return l.h.Mail.ForgetTo(ctx, addresses...)
}

// write seals a letter: a mail, or one on paper for somebody without e-mail.
func (l letters) write(ctx context.Context, person vault.PersonID, kind string, text func(*locale.Printer) string) (departure.Letter, error) {
	message, err := l.compose(ctx, person, kind, text)
	if err != nil || message == nil {
		return nil, err
	}
	prepared, err := l.h.Mail.Prepare(ctx, *message)
	if err != nil {
		return nil, err
	}
	return prepared.Enqueue, nil
}

// compose writes a letter in the person's language. For somebody without e-mail,
// or whose e-mails come back, it has no address and goes to the print queue; nil
// for somebody who is gone.
func (l letters) compose(ctx context.Context, person vault.PersonID, kind string, text func(*locale.Printer) string) (*mail.Message, error) {
	scope, err := l.h.self(person)
	if err != nil {
		return nil, err
	}
	to, err := l.h.Members.Own(ctx, scope)
	if errors.Is(err, vault.ErrErased) || fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lang := to.Language
	if lang == "" {
		lang = l.h.Charter.Languages[0]
	}
	p := l.h.Charter.Printer(lang)
	email, body := to.Email, text(p)
	if to.EmailBack {
		email = ""
	}
	if email != "" {
		if body, err = l.h.addressed(p, email, to.Name(), body); err != nil {
			return nil, err
		}
	}
	return &mail.Message{
		Person: person, To: email, Subject: p.T(kind + ".subject"), Body: body, Ends: l.h.Now().Add(letterLife), Kind: kind,
	}, nil
}

// send puts one message into the outbox, by itself.
func (h *House) send(ctx context.Context, m mail.Message) error {
	prepared, err := h.Mail.Prepare(ctx, m)
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, prepared.Enqueue)
}
