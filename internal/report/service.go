package report

import (
	"context"
	"sync"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Directory is who counts members. It tells numbers and nobody. app satisfies it.
type Directory interface {
	Census(ctx context.Context, on civil.Date) (map[member.Head]int, error)
	Heads() (map[unit.ID]int, error)
}

// Made is what a Service is put together from.
type Made struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Journal   *journal.Journal
	Units     *unit.Service
	Access    *access.Register
	Directory Directory
	Now       func() time.Time
}

// Service counts, and tells what was counted.
type Service struct {
	Made
	counting sync.Mutex // one count at a time
}

// New makes a Service. Nothing is put down before Ready.
func New(m Made) *Service { return &Service{Made: m} }

// minimum is the charter's.
func (s *Service) minimum() int { return s.Charter.Parameters.ReportMinimum.Value }

// tellsSex reports whether the charter has members' sex at all.
func (s *Service) tellsSex() bool {
	_, known := s.Charter.Field("sex")
	return known
}

// Cuts are by what members of this association are told apart.
func (s *Service) Cuts() []Cut {
	if s.tellsSex() {
		return []Cut{ByAge, BySex, ByJoined}
	}
	return []Cut{ByAge, ByJoined}
}

func (s *Service) store(ctx context.Context, c Count, facts []Fact) error {
	c.Minimum = s.minimum()
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		done, err := counted(tx, c.What, c.Day)
		if err != nil || done {
			return err
		}
		return write(tx, c, facts)
	})
}

// May reports whether an actor may see reports of some body (D2): whoever may pull
// lists of it.
func (s *Service) May(by access.Actor) bool {
	_, err := s.Access.Decide(by, access.Want{Act: charter.Pull})
	return err == nil
}

// enter decides, and journals the look before anything is told. What is told is of
// nobody, so the entry has no persons.
func (s *Service) enter(ctx context.Context, by access.Actor, id unit.ID, subject string) (access.Scope, unit.Unit, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: id})
	if err != nil {
		return scope, unit.Unit{}, err
	}
	tree := s.Units.Tree()
	if id == 0 {
		id = scope.Unit()
	}
	body, known := tree.ByID(id)
	if id == 0 {
		body, known = tree.Root()
	}
	if !known || !scope.Covers(body.ID) {
		return scope, body, fault.New(fault.NotFound, "report.error.body")
	}
	e := scope.Entry(journal.Facts)
	e.Target, e.Fields = uint32(body.ID), []string{subject}
	_, err = s.Journal.Read(ctx, &e)
	return scope, body, err
}
