package directory

import (
	"cmp"
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// OpenPage is a body's open page at one moment. It is worked out at every request and
// kept nowhere: whoever takes their consent back is gone from the next one (N11).
type OpenPage struct {
	Page
	Body      unit.Unit
	Functions []Function
}

// Show works out the open page of a body. Its functions stand there always, with the
// organisation's address where there is one; the name of whoever holds one only while
// their consent stands, and an e-mail address of their own only while they consent to
// that too and the function has none (N11). That they were shown is journaled before it
// is answered, once a day.
func (s *Service) Show(ctx context.Context, code string, p *locale.Printer) (OpenPage, error) {
	body, known := s.Units.Tree().ByCode(code)
	if !known {
		return OpenPage{}, fault.New(fault.NotFound, "unit.error.unknown")
	}
	said, err := s.Page(ctx, body.ID)
	if err != nil {
		return OpenPage{}, err
	}
	if !said.Open || body.Closed {
		return OpenPage{}, fault.New(fault.NotFound, "directory.error.not_open")
	}
	open, err := s.Access.Shown(ctx, body.ID)
	if err != nil {
		return OpenPage{}, err
	}
	names, err := s.read(ctx, body.ID, open.Page, false)
	if err != nil {
		return OpenPage{}, err
	}
	own, err := s.read(ctx, body.ID, withoutMailbox(&open, &said), true)
	if err != nil {
		return OpenPage{}, err
	}
	shown := OpenPage{Page: said, Body: body}
	for _, h := range open.Functions {
		f := Function{Post: h.Basis.Code, Title: s.postName(h.Basis.Code, p), Email: said.Mailboxes[h.Basis.Code]}
		if one, there := names[h.Person]; there {
			f.Name = one.name
			if mine := own[h.Person]; f.Email == "" && mine.email != "" {
				f.Email, f.Own = mine.email, true
			}
		}
		if f.Name != "" || f.Email != "" {
			shown.Functions = append(shown.Functions, f)
		}
	}
	return shown, nil
}

// withoutMailbox narrows whose own addresses are read to those whose function has none
// of the organisation's: a private address that is not shown is not read either.
func withoutMailbox(open *access.Open, said *Page) access.Scope {
	needed := roaring.New()
	for _, h := range open.Functions {
		if said.Mailboxes[h.Basis.Code] == "" {
			needed.Add(uint32(h.Person))
		}
	}
	return open.Email.Among(needed)
}

type public struct{ name, email string }

// read reads whom a Scope of an open page reaches; nobody with one that grants nothing.
func (s *Service) read(ctx context.Context, body unit.ID, scope access.Scope, email bool) (map[vault.PersonID]public, error) {
	all := map[vault.PersonID]public{}
	if scope.Only() == nil || scope.Only().IsEmpty() {
		return all, nil
	}
	var fresh *roaring.Bitmap
	found, err := s.Members.Publics(ctx, scope, func(seen *roaring.Bitmap) *roaring.Bitmap {
		fresh = s.shown.untold(s, showing{body, email}, seen)
		return fresh
	})
	if err != nil {
		return nil, err
	}
	s.shown.tell(showing{body, email}, fresh)
	for person, one := range found {
		all[person] = public{one.Name, one.Email}
	}
	return all, nil
}

// untold gives those of some persons whom the journal has not been told of today.
func (t *told) untold(s *Service, at showing, seen *roaring.Bitmap) *roaring.Bitmap {
	t.mu.Lock()
	defer t.mu.Unlock()
	if today := s.Access.Today(); t.day != today {
		t.day, t.of = today, map[showing]*roaring.Bitmap{}
	}
	if known := t.of[at]; known != nil {
		return roaring.AndNot(seen, known)
	}
	return seen.Clone()
}

// tell notes whom the journal holds now.
func (t *told) tell(at showing, persons *roaring.Bitmap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil || persons == nil {
		return
	}
	if t.of[at] == nil {
		t.of[at] = roaring.New()
	}
	t.of[at].Or(persons)
}

// Page is what a body says of itself.
func (s *Service) Page(ctx context.Context, body unit.ID) (p Page, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		p, err = page(q, body)
		return err
	})
	return p, err
}

// Editor is the right whose holders in a body say what its pages say.
const Editor = charter.Access

// MayEdit reports whether somebody may.
func (s *Service) MayEdit(by access.Actor, body unit.ID) bool {
	_, err := s.Access.Decide(by, access.Want{Act: Editor, Unit: body})
	return err == nil
}

// SetPage says what a body's pages say: whom to ask, the mailboxes of its functions,
// whether it has an open page, and which sites may embed them. The addresses are the
// organisation's; those of persons are their own to show (N11).
func (s *Service) SetPage(ctx context.Context, by access.Actor, p Page) (Page, error) {
	body, known := s.Units.Tree().ByID(p.Unit)
	if !known {
		return p, fault.New(fault.NotFound, "unit.error.unknown")
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: Editor, Unit: p.Unit})
	if err != nil {
		return p, err
	}
	err = p.check(func(code string) bool {
		post, known := s.Charter.Post(code)
		return known && post.At(body.Level)
	}, func(number string) (string, bool) { return locale.ParsePhone(number, s.country(body)) })
	if err != nil {
		return p, err
	}
	return p, s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := putPage(tx, &p); err != nil {
			return err
		}
		e := scope.Entry(journal.DirectoryPage)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// Posts are the posts of a body's level, in the charter's order.
func (s *Service) Posts(body unit.Unit) []*charter.Post { return s.Charter.PostsAt(body.Level) }

func (s *Service) postName(code string, p *locale.Printer) string {
	if post, known := s.Charter.Post(code); known {
		return post.Name.In(p.Lang())
	}
	return code
}

// country is the country whose law a body stands under: its seat's, that of the nearest
// body above with one, the charter's.
func (s *Service) country(body unit.Unit) string {
	return cmp.Or(s.Units.Tree().Seat(body.ID), s.Charter.Country)
}

// Want is what somebody asks for who changes what a body's pages say.
func Want(body unit.ID) access.Want { return access.Want{Act: Editor, Unit: body} }
