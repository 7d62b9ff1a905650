package handout

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// key is the secret of a recipient's page: made from the case's number, from which
// link it is and a secret of the keyring, and kept nowhere. A link that is sent again
// is another one, and the one before opens nothing.
func (s *Service) key(id int64, link uint64) string {
	which := fmt.Sprintf("%d.%d", id, link)
	sum := s.Keyring.MAC("handout.key", []byte(which))
	return which + "-" + strings.ToLower(letters.EncodeToString(sum[:15]))
}

func (s *Service) codeDigest(c *Case, code string) []byte {
	return s.Keyring.MAC("handout.code", []byte(s.key(c.ID, c.Link)+" "+code))
}

func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", codeDigits, n), nil
}

// parseCode takes a typed code, with spaces wherever people put them.
func parseCode(typed string) (string, bool) {
	code := strings.Join(strings.Fields(typed), "")
	return code, len(code) == codeDigits && strings.Trim(code, "0123456789") == ""
}

// ByKey gives a case to whoever has the link in its mail. It spends nothing: mail
// scanners open links.
func (s *Service) ByKey(ctx context.Context, key string) (Case, error) {
	gone := fault.New(fault.NotFound, "handout.error.key")
	which, _, _ := strings.Cut(key, "-")
	number, link, _ := strings.Cut(which, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Case{}, gone
	}
	nth, err := strconv.ParseUint(link, 10, 32)
	if err != nil || !hmac.Equal([]byte(key), []byte(s.key(id, nth))) { // before anything is looked up
		return Case{}, gone
	}
	c, err := s.find(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && c.Link != nth {
		return Case{}, gone
	}
	return c, err
}

// linkLetter is the mail with the link and the notice to destroy (D12, D13).
func (s *Service) linkLetter(ctx context.Context, c *Case, kind string) (Letter, error) {
	return s.Letters.Write(ctx, c, kind, "url", s.URL(s.key(c.ID, c.Link)), "open", c.OpenUntil)
}

// Again sends the recipient a new link, where the mail was lost: until the list is
// fetched to fetch it, afterwards to attest its destruction. The link before opens
// nothing any more.
func (s *Service) Again(ctx context.Context, by access.Actor, id int64) (Case, error) {
	scope, err := s.office(ctx, by)
	if err != nil {
		return Case{}, err
	}
	c, err := s.find(ctx, id)
	if err != nil {
		return Case{}, err
	}
	kind := "handout.link"
	switch {
	case c.State == Fetched:
		kind = "handout.reminder"
	case c.State != Approved:
		return Case{}, fault.New(fault.Conflict, "handout.error.state")
	}
	return s.resend(ctx, c, kind, scope.Entry(journal.HandoutLink, c.Person))
}

// resend sends a new link in place of the one before.
func (s *Service) resend(ctx context.Context, c Case, kind string, e journal.Entry) (Case, error) {
	next := c
	next.Link++
	lists, err := s.Out(ctx, &c)
	if err != nil {
		return Case{}, err
	}
	var letter Letter
	if kind == "handout.link" {
		letter, err = s.linkLetter(ctx, &next, kind)
	} else if len(lists) == 0 || destroyed(lists) {
		err = fault.New(fault.Conflict, "handout.error.destroyed")
	} else {
		letter, err = s.reminder(ctx, &next, lists)
	}
	if err != nil {
		return Case{}, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := s.get(tx, c.Person, c.ID)
		if err != nil {
			return err
		}
		if now.State != c.State || now.Link != c.Link {
			return fault.New(fault.Conflict, "handout.error.state")
		}
		now.Link, now.Code = next.Link, nil
		if err := s.note(tx, e, &now); err != nil {
			return err
		}
		if err := s.put(tx, &now); err != nil {
			return err
		}
		c = now
		return letter(tx)
	})
	return c, err
}

func destroyed(lists []List) bool {
	for i := range lists {
		if !lists[i].Destroyed {
			return false
		}
	}
	return true
}

// broke reports whether the last download of a case broke off.
func (s *Service) broke(ctx context.Context, c *Case) (bool, error) {
	lists, err := s.Out(ctx, c)
	return err == nil && len(lists) > 0 && !lists[len(lists)-1].Whole && !destroyed(lists), err
}

// Fetchable says why a case cannot be fetched now; nil where it can.
func (s *Service) Fetchable(ctx context.Context, c *Case) error {
	broke, err := s.broke(ctx, c)
	if err != nil {
		return err
	}
	if !s.entitled(&c.Wish) { // the post has ended since
		return fault.New(fault.Gone, "handout.error.over")
	}
	return c.fetchable(s.Access.Today(), s.Now(), broke)
}

// SendCode mails a code to the recipient, who asks for it from their page. remote is
// the network address of the visitor.
func (s *Service) SendCode(ctx context.Context, key, remote string) error {
	if err := s.Limits.Knock(remote); err != nil {
		return err
	}
	c, err := s.ByKey(ctx, key)
	if err != nil {
		return err
	}
	if err := s.Fetchable(ctx, &c); err != nil {
		return err
	}
	code, err := newCode()
	if err != nil {
		return err
	}
	letter, err := s.Letters.Write(ctx, &c, "handout.code", "code", code)
	if err != nil {
		return err
	}
	e := journal.Entry{Act: journal.HandoutCode, Actor: uint32(c.Person), Right: string(access.ByHandout), Via: string(access.Web), Persons: journal.Set(uint32(c.Person))}
	return s.give(ctx, &c, code, e, func(tx *database.Tx) error {
		if err := s.Limits.Take(tx, s.key(c.ID, c.Link)); err != nil {
			return err
		}
		return letter(tx)
	})
}

// ReadCode gives the secretariat a code to read out to a recipient on the phone,
// whose voice they know. It is journaled; nobody reads one out for themselves.
func (s *Service) ReadCode(ctx context.Context, by access.Actor, id int64) (string, error) {
	scope, err := s.office(ctx, by)
	if err != nil {
		return "", err
	}
	c, err := s.find(ctx, id)
	if err != nil {
		return "", err
	}
	if reason, err := s.MayDecide(ctx, by, &c); err != nil || reason == "handout.denied.own" {
		if err == nil {
			err = s.refuse(ctx, scope, reason)
		}
		return "", err
	}
	if err := s.Fetchable(ctx, &c); err != nil {
		return "", err
	}
	code, err := newCode()
	if err != nil {
		return "", err
	}
	return code, s.give(ctx, &c, code, scope.Entry(journal.HandoutCode, c.Person), func(*database.Tx) error { return nil })
}

// give makes a code the one that opens a case.
func (s *Service) give(ctx context.Context, c *Case, code string, e journal.Entry, more func(tx *database.Tx) error) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := s.get(tx, c.Person, c.ID)
		if err != nil {
			return err
		}
		if now.State != c.State || now.Link != c.Link {
			return fault.New(fault.Conflict, "handout.error.state")
		}
		now.Code, now.CodeEnds, now.Tries = s.codeDigest(&now, code), tx.Now().Add(CodeLife), 0
		if err := s.note(tx, e, &now); err != nil {
			return err
		}
		if err := s.put(tx, &now); err != nil {
			return err
		}
		return more(tx)
	})
}

// spend takes a typed code: a right one is spent, a wrong one is counted and
// journaled, and the last wrong one spends it too.
func (s *Service) spend(ctx context.Context, c *Case, typed string) error {
	code, ok := parseCode(typed)
	if !ok {
		return fault.New(fault.Invalid, "signin.error.digits").With("code", "signin.error.digits")
	}
	var refused error // a wrong answer is counted: its act commits
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		refused = nil
		now, err := s.get(tx, c.Person, c.ID)
		if err != nil {
			return err
		}
		over := len(now.Code) == 0 || !tx.Now().Before(now.CodeEnds) || now.Link != c.Link
		switch right := hmac.Equal(now.Code, s.codeDigest(c, code)); {
		case over:
			refused = fault.New(fault.Gone, "handout.error.code_over")
			return nil
		case right:
			now.Code, now.Tries = nil, 0
		default:
			now.Tries++
			if left := codeTries - int(now.Tries); left > 0 {
				refused = fault.New(fault.Invalid, "signin.error.code", "count", left).With("code", "signin.error.code", "count", left)
			} else {
				now.Code, refused = nil, fault.New(fault.Gone, "handout.error.code_over")
			}
			e := journal.Entry{
				Act: journal.Denied, Actor: uint32(c.Person), Right: string(access.ByHandout), Via: string(access.Web),
				Persons: journal.Set(uint32(c.Person)), Reason: "signin.journal.code",
			}
			if err := s.note(tx, e, &now); err != nil {
				return err
			}
		}
		return s.put(tx, &now)
	})
	if err != nil {
		return err
	}
	return refused
}

// Fetch takes the code and makes the list, for the one who holds link and code. The
// list, everybody on it and its recipient are on record, and the duty to destroy it
// stands, before a byte leaves (D12, D13). The caller writes the file and keeps
// nothing of it.
func (s *Service) Fetch(ctx context.Context, key, typed, remote string) (Delivery, error) {
	if err := s.Limits.Knock(remote); err != nil {
		return nil, err
	}
	c, err := s.ByKey(ctx, key)
	if err != nil {
		return nil, err
	}
	if err := s.Fetchable(ctx, &c); err != nil {
		return nil, err
	}
	if err := s.spend(ctx, &c, typed); err != nil {
		return nil, err
	}
	scope, err := s.Access.Handout(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	name, lang := c.Wish.To.Name, c.Wish.To.Lang
	if c.Member() {
		if name, _, lang, err = s.Members.Address(ctx, c.Person); err != nil {
			return nil, err
		}
	}
	defer s.Consents.Hold()() // nobody withdraws between the look at who consents and the list
	only, err := s.only(ctx, &c)
	if err != nil {
		return nil, err
	}
	return s.Lists.Make(ctx, scope, Making{
		Format: c.Wish.Format, Lang: lang, Name: name, Only: only,
		DestroyBy: c.destroyBy(s.Access.Today().AddDays(s.Charter.ListDaysFor(scope.Purpose()))),
		With:      func(tx *database.Tx, l *List) error { return s.fetched(tx, &c, l) },
	})
}

// fetched notes in the list's own transaction that a case has become it.
func (s *Service) fetched(tx *database.Tx, c *Case, l *List) error {
	now, err := s.get(tx, c.Person, c.ID)
	if err != nil {
		return err
	}
	if now.State != Fetched && !now.State.may(Fetched) || now.State != c.State {
		return fault.New(fault.Conflict, "handout.error.state")
	}
	if now.FetchedAt.IsZero() {
		now.FetchedAt = tx.Now()
	}
	now.State, now.Lists = Fetched, append(now.Lists, l.Number)
	if !now.Member() { // one's own officers find the lines to strike on their list's page
		if err := s.Holders.Hold(tx, &now, l.Number); err != nil {
			return err
		}
	}
	return s.put(tx, &now)
}

// Approved answers room access: what an approved requisition gives now.
func (s *Service) Approved(ctx context.Context, number int64) (access.Handed, error) {
	c, err := s.find(ctx, number)
	if err == nil {
		err = s.Fetchable(ctx, &c)
	}
	if err != nil {
		return access.Handed{}, err
	}
	return access.Handed{Person: c.Person, As: c.Wish.As, Unit: c.Wish.Unit, Purpose: c.Wish.Purpose}, nil
}

// Attest takes the word of a recipient, by the link in their mail, that what they were
// handed is destroyed: the file, the paper, or both; "there never was a print" is an
// attestation of paper too (D12). To say it twice changes nothing.
func (s *Service) Attest(ctx context.Context, key, remote string, digital, physical bool) (Case, error) {
	if err := s.Limits.Knock(remote); err != nil {
		return Case{}, err
	}
	c, err := s.ByKey(ctx, key)
	if err != nil {
		return c, err
	}
	if c.State != Fetched {
		return c, fault.New(fault.Conflict, "handout.error.state")
	}
	if !digital && !physical {
		return c, fault.New(fault.Invalid, "handout.error.attest").With("medium", "handout.error.medium")
	}
	e := journal.Entry{Actor: uint32(c.Person), Right: string(access.ByHandout), Post: c.Wish.As, Via: string(access.Web), Target: uint32(c.Wish.Unit)}
	return c, s.DB.Write(ctx, func(tx *database.Tx) error {
		var gone []int64
		for _, number := range c.Lists {
			l, err := s.Lists.Attest(tx, number, c.Person, e, digital, physical)
			if err != nil {
				return err
			}
			if l.Destroyed {
				gone = append(gone, number)
			}
		}
		if c.Member() || len(gone) == 0 {
			return nil
		}
		return s.Holders.Gone(tx, c.Person, gone...)
	})
}

// Recipient finds the case to remind of, where a list was handed out to somebody
// without an account.
func (s *Service) Recipient(ctx context.Context, list int64, person vault.PersonID) (Case, bool, error) {
	c, handed, err := s.Of(ctx, list)
	return c, handed && c.Person == person && !c.Member() && list == c.Lists[0], err // once, however many
}

// Key is the key of the recipient's page, for a recipient who is signed in: they need
// no mail to get there. The code comes to their address all the same.
func (s *Service) Key(ctx context.Context, by access.Actor, id int64) (string, error) {
	c, _, err := s.Get(ctx, by, id)
	if err == nil && (c.Person != by.Person || c.Link == 0) {
		err = fault.New(fault.NotFound, "handout.error.gone")
	}
	if err != nil {
		return "", err
	}
	return s.key(c.ID, c.Link), nil
}
