// Package directory is what members and the public see of a body: its privacy page,
// public and lasting (N1, N3, N15); the closed pages on which its members see each
// other, as far as each lets them (N11, N12, L8); and the open page, on which a person
// stands only while their consent does (N11). Every look at somebody is journaled, and
// how much one member can look at in a day is bounded.
//
// It reaches members only through the directory of room member, with Scopes that open
// nothing else. What the privacy page shows of declarations, agreements and processors
// comes through the small interfaces below.
package directory

import (
	"context"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
)

// Declarations gives the privacy declaration that a body shows (N4, N5); nil where
// neither it nor anybody above it has one.
type Declarations interface {
	Declaration(ctx context.Context, body unit.ID, p *locale.Printer) (*Declaration, error)
}

// Declaration is a published declaration, point by point.
type Declaration struct {
	Of        unit.ID // whose it is: the body's own, or that of the controller above it
	Number    int
	Published civil.Date
	Lang      string // of the text
	Points    []Point
	Files     []Link
}

// Templates gives where the template of the declaration, and its Word version, are
// fetched (N4).
type Templates interface {
	Templates(body unit.ID, p *locale.Printer) []Link
}

// Agreements gives what a body has agreed with its processor or joint controller, the
// text and its essence, never who signed (N2, N3; GDPR Art. 26(2)).
type Agreements interface {
	Agreements(ctx context.Context, body unit.ID, p *locale.Printer) ([]Agreement, error)
}

// Agreement is one of them.
type Agreement struct {
	Title   string
	Essence []string
	Points  []Point
	Files   []Link
}

// Processors gives who processes data for a body, with the whole chain (N12).
type Processors interface {
	Processors(ctx context.Context, body unit.ID, p *locale.Printer) ([]Processor, error)
}

// Processor is one of them; Depth counts from those the body itself chose.
type Processor struct {
	Name  string
	Depth int
	Facts []Fact
}

// Recipients gives to whom outside a body's members are passed on (N12, GDPR Art.
// 13(1)(e) and (f)).
type Recipients interface {
	Recipients(body unit.ID, p *locale.Printer) []Processor
}

// Point is a text under a heading.
type Point struct {
	Title string
	Text  []string
	Links []Link
}

// Fact is a line of two parts.
type Fact struct{ Term, Value string }

// Link leads on: within the register by its path, outside by its address.
type Link struct {
	Text, URL string
	File      bool
}

// Parts are what a Service is put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Records *record.Store
	Journal *journal.Journal
	Units   *unit.Service
	Access  *access.Register
	Members *member.Directory
	Now     func() time.Time

	// What stands on the privacy page from other rooms; nil: there is none.
	Declarations Declarations
	Templates    Templates
	Agreements   Agreements
	Processors   Processors
	Recipients   Recipients
}

// Service does the acts of the room.
type Service struct {
	Parts

	looking sync.Mutex // one look at a time is counted, so that a day's measure holds
	shown   told       // whom the journal says to have been on an open page today
}

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p} }

// told remembers who was journaled today as shown on an open page, since strangers
// look as often as they like; after a start it is told once more.
type told struct {
	mu  sync.Mutex
	day civil.Date
	of  map[showing]*roaring.Bitmap
}

type showing struct {
	body  unit.ID
	email bool
}

// Choice is what somebody lets other members see of them, within the charter.
type Choice struct {
	Fields []string
	On     civil.Date
	Made   bool // false: they have not said, and the charter's defaults hold
}

// Looks are how much a member has looked at in a day.
type Looks struct {
	Day      civil.Date
	Contacts int
	Names    int
}

// Page is what a body says of itself, and of nobody (N1, N11).
type Page struct {
	Unit      unit.ID
	Open      bool              // it has an open page
	Contact   string            // the post to ask, by the charter's code
	Mailbox   string            // the organisation's address for questions
	Phone     string            // and its number, E.164
	Origins   []string          // sites that may embed its pages
	Mailboxes map[string]string // addresses of functions, by post
}

// Function is a line of an open page.
type Function struct {
	Post  string // the charter's code
	Title string
	Name  string // only while the person's consent stands
	Email string // the function's mailbox; else the person's own, while they agree to that too
	Own   bool   // it is the person's own
}
