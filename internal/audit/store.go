package audit

import (
	"context"
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, a *Audit) error {
	_, err := tx.Exec(`INSERT INTO audit (id, day, opened_at, opened_by, answer_by, previous, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.ID, a.Day.String(), a.OpenedAt.UnixMicro(), int64(a.OpenedBy), a.AnswerBy.String(), a.Last, a.key)
	return err
}

// audits reads those a condition selects.
func audits(q database.Querier, rest string, args ...any) (all []Audit, err error) {
	rows, err := q.Query(`SELECT id, day, opened_at, opened_by, answer_by, previous, key_id, closed_at FROM audit `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Audit
		var day, answer string
		var opened, by int64
		var closed *int64
		if err := rows.Scan(&a.ID, &day, &opened, &by, &answer, &a.Last, &a.key, &closed); err != nil {
			return nil, err
		}
		a.Day, a.AnswerBy, a.OpenedAt, a.OpenedBy = date(day), date(answer), time.UnixMicro(opened).UTC(), vault.PersonID(by)
		a.ClosedAt = moment(closed)
		all = append(all, a)
	}
	return all, rows.Err()
}

// get reads an audit by its number.
func get(q database.Querier, id int64) (Audit, error) {
	all, err := audits(q, `WHERE id = $1`, id)
	if err == nil && len(all) == 0 {
		return Audit{}, fault.New(fault.NotFound, "audit.error.gone")
	}
	if err != nil {
		return Audit{}, err
	}
	return all[0], nil
}

// newest is the audit opened last; the zero Audit where there was none.
func newest(q database.Querier) (Audit, error) {
	all, err := audits(q, `ORDER BY id DESC LIMIT 1`)
	if err != nil || len(all) == 0 {
		return Audit{}, err
	}
	return all[0], nil
}

func date(text string) civil.Date {
	d, err := civil.ParseDate(text)
	if err != nil {
		return civil.Date{}
	}
	return d
}

func dayText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func moment(at *int64) time.Time {
	if at == nil {
		return time.Time{}
	}
	return time.UnixMicro(*at).UTC()
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func insertPart(tx *database.Tx, p *Part) error {
	_, err := tx.Exec(`INSERT INTO audit_part (audit, unit, standing, waiting, here, departed, wrong, gone, silent, said_by, said_as, done_by, done_as, sealed, contents)
		VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, 0, '', 0, '', $5, $6)`,
		p.Audit, int64(p.Unit), string(Open), int64(p.Counts[Waiting]), p.roll, []byte{})
	return err
}

// update writes everything of a part that changes.
func update(tx *database.Tx, p *Part) error {
	c := &p.Counts
	if p.Contents == nil {
		p.Contents = []byte{}
	}
	_, err := tx.Exec(`UPDATE audit_part SET standing = $3, waiting = $4, here = $5, departed = $6, wrong = $7, gone = $8, silent = $9,
		said_at = $10, said_by = $11, said_as = $12, done_at = $13, done_by = $14, done_as = $15, sealed = $16, contents = $17 WHERE audit = $1 AND unit = $2`,
		p.Audit, int64(p.Unit), string(p.Standing), int64(c[Waiting]), int64(c[Here]), int64(c[Left]), int64(c[Wrong]), int64(c[Gone]), int64(c[Silent]),
		stamp(p.SaidAt), int64(p.SaidBy), p.SaidAs, stamp(p.DoneAt), int64(p.DoneBy), p.DoneAs, p.roll, p.Contents)
	return err
}

// parts reads those a condition selects.
func parts(q database.Querier, rest string, args ...any) (all []Part, err error) {
	rows, err := q.Query(`SELECT audit, unit, standing, waiting, here, departed, wrong, gone, silent, said_at, said_by, said_as, done_at, done_by, done_as, sealed, contents
		FROM audit_part `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Part
		var body, saidBy, doneBy int64
		var standing string
		var said, done *int64
		var c [Silent + 1]int64
		if err := rows.Scan(&p.Audit, &body, &standing, &c[Waiting], &c[Here], &c[Left], &c[Wrong], &c[Gone], &c[Silent],
			&said, &saidBy, &p.SaidAs, &done, &doneBy, &p.DoneAs, &p.roll, &p.Contents); err != nil {
			return nil, err
		}
		for i := range c {
			p.Counts[i] = int(c[i])
		}
		p.Unit, p.Standing, p.SaidAt, p.SaidBy, p.DoneAt, p.DoneBy = unit.ID(body), Standing(standing), moment(said), vault.PersonID(saidBy), moment(done), vault.PersonID(doneBy)
		all = append(all, p)
	}
	return all, rows.Err()
}

func part(q database.Querier, audit int64, body unit.ID) (Part, error) {
	all, err := parts(q, `WHERE audit = $1 AND unit = $2`, audit, int64(body))
	if err == nil && len(all) == 0 {
		return Part{}, fault.New(fault.NotFound, "audit.error.gone")
	}
	if err != nil {
		return Part{}, err
	}
	return all[0], nil
}

// verdicts are what a body says of its head-counts, by cut-off date.
func verdicts(q database.Querier, audit int64, body unit.ID) (map[civil.Date]Head, error) {
	rows, err := q.Query(`SELECT cut_off, verdict, change FROM audit_head WHERE audit = $1 AND unit = $2`, audit, int64(body))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[civil.Date]Head{}
	for rows.Next() {
		var h Head
		var day, verdict string
		if err := rows.Scan(&day, &verdict, &h.Case); err != nil {
			return nil, err
		}
		h.CutOff, h.Answer = date(day), Verdict(verdict)
		all[h.CutOff] = h
	}
	return all, rows.Err()
}

func putVerdict(tx *database.Tx, audit int64, body unit.ID, h *Head) error {
	_, err := tx.Exec(`INSERT INTO audit_head (audit, unit, cut_off, verdict, change) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (audit, unit, cut_off) DO UPDATE SET verdict = excluded.verdict, change = excluded.change`,
		audit, int64(body), h.CutOff.String(), string(h.Answer), h.Case)
	return err
}

func answers(q database.Querier, audit int64, body unit.ID) (map[string]string, error) {
	rows, err := q.Query(`SELECT code, answer FROM audit_check WHERE audit = $1 AND unit = $2`, audit, int64(body))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var code, answer string
		if err := rows.Scan(&code, &answer); err != nil {
			return nil, err
		}
		all[code] = answer
	}
	return all, rows.Err()
}

func putAnswer(tx *database.Tx, audit int64, body unit.ID, code, answer string) error {
	_, err := tx.Exec(`INSERT INTO audit_check (audit, unit, code, answer) VALUES ($1, $2, $3, $4)
		ON CONFLICT (audit, unit, code) DO UPDATE SET answer = excluded.answer`, audit, int64(body), code, answer)
	return err
}

func insertCase(tx *database.Tx, c *Case) error {
	_, err := tx.Exec(`INSERT INTO audit_change (id, audit, unit, what, day, opened_at, opened_by, due_on, settled_at, settled_by, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID, c.Audit, int64(c.Unit), c.What, dayText(c.Day), c.OpenedAt.UnixMicro(), int64(c.OpenedBy), c.DueOn.String(), stamp(c.SettledAt), int64(c.SettledBy), c.Outcome)
	return err
}

func updateCase(tx *database.Tx, c *Case) error {
	_, err := tx.Exec(`UPDATE audit_change SET due_on = $2, settled_at = $3, settled_by = $4, outcome = $5 WHERE id = $1`,
		c.ID, c.DueOn.String(), stamp(c.SettledAt), int64(c.SettledBy), c.Outcome)
	return err
}

// bare reads cases without what is sealed of them.
func bare(q database.Querier, rest string, args ...any) (all []Case, err error) {
	rows, err := q.Query(`SELECT id, audit, unit, what, day, opened_at, opened_by, due_on, settled_at, settled_by, outcome FROM audit_change `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Case
		var body, opened, openedBy, settledBy int64
		var settled *int64
		var day, due string
		if err := rows.Scan(&c.ID, &c.Audit, &body, &c.What, &day, &opened, &openedBy, &due, &settled, &settledBy, &c.Outcome); err != nil {
			return nil, err
		}
		c.Unit, c.Day, c.OpenedAt, c.OpenedBy = unit.ID(body), date(day), time.UnixMicro(opened).UTC(), vault.PersonID(openedBy)
		c.DueOn, c.SettledAt, c.SettledBy = date(due), moment(settled), vault.PersonID(settledBy)
		all = append(all, c)
	}
	return all, rows.Err()
}

func bareCase(q database.Querier, id int64) (Case, error) {
	all, err := bare(q, `WHERE id = $1`, id)
	if err == nil && len(all) == 0 {
		return Case{}, fault.New(fault.NotFound, "audit.error.gone")
	}
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

// unseal finds what was said of members in some cases. It is a walk over one kind: no
// column leads from a case to a person.
func (s *Service) unseal(ctx context.Context, all []Case) error {
	at := make(map[int64]int, len(all))
	for i := range all {
		at[all[i].ID] = i
	}
	if len(at) == 0 {
		return nil
	}
	return record.Scan(s.Records, ctx, Tellings, func(person vault.PersonID, id uint64, t *Told) error {
		if i, wanted := at[int64(id)]; wanted {
			kept := *t
			all[i].Person, all[i].Told = person, &kept
		}
		return nil
	})
}

// remarks finds what officers wrote about a body's part, or about a case.
func (s *Service) remarks(ctx context.Context, of func(*Remark) bool) (all []Remark, err error) {
	err = record.Scan(s.Records, ctx, Remarks, func(_ vault.PersonID, _ uint64, m *Remark) error {
		if of(m) {
			all = append(all, *m)
		}
		return nil
	})
	return all, err
}

// remark writes down what an officer says, under their own key.
func (s *Service) remark(tx *database.Tx, person vault.PersonID, m Remark) error {
	if m.Text == "" || !s.Keyring.Holds(person, vault.Membership) {
		return nil
	}
	id, err := tx.Next("audit remark")
	if err != nil {
		return err
	}
	m.At = tx.Now()
	return record.Create(s.Records, tx, Remarks, person, uint64(id), &m)
}

// openRoll unseals whom a part names.
func (s *Service) openRoll(a *Audit, p *Part) (roll, error) {
	if p.Standing == Done || len(p.roll) == 0 {
		return nil, fault.New(fault.Gone, "audit.error.over")
	}
	plain, err := s.Keyring.OpenOnce(a.key, p.roll)
	if errors.Is(err, vault.ErrOneOffSpent) {
		return nil, fault.New(fault.Gone, "audit.error.over")
	}
	if err != nil {
		return nil, err
	}
	return decode(plain)
}

// keepRoll seals a roll again and counts it.
func (s *Service) keepRoll(a *Audit, p *Part, all roll) (err error) {
	p.Counts = all.counts()
	p.roll, err = s.Keyring.SealOnce(a.key, all.encode())
	return err
}
