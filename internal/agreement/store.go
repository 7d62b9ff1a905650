package agreement

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const columns = `number, unit, other, kind, version, state, why, paper, lang, opened_at, due_on, signed_at, accepted_at, concluded_at, ended_at,
	keep_until, hash, sealed_hash, content, holder, signer, looked, counter, entry, reminders, reminded_at`

func micro(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func at(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.UnixMicro(*n).UTC()
}

func day(d civil.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

func dayOf(s *string) civil.Date {
	if s == nil {
		return civil.Date{}
	}
	d, _ := civil.ParseDate(*s)
	return d
}

func insert(tx *database.Tx, a *Agreement) error {
	_, err := tx.Exec(`INSERT INTO agreement (`+columns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26)`, values(a)...)
	return err
}

func update(tx *database.Tx, a *Agreement) error {
	_, err := tx.Exec(`UPDATE agreement SET unit = $2, other = $3, kind = $4, version = $5, state = $6, why = $7, paper = $8, lang = $9, opened_at = $10, due_on = $11,
		signed_at = $12, accepted_at = $13, concluded_at = $14, ended_at = $15, keep_until = $16, hash = $17, sealed_hash = $18, content = $19,
		holder = $20, signer = $21, looked = $22, counter = $23, entry = $24, reminders = $25, reminded_at = $26 WHERE number = $1`, values(a)...)
	return err
}

func values(a *Agreement) []any {
	content, _ := json.Marshal(a.Content) // of texts only
	paper := int64(0)
	if a.Paper {
		paper = 1
	}
	some := func(b []byte) any {
		if len(b) == 0 {
			return nil
		}
		return b
	}
	return []any{
		a.Number, int64(a.Unit), int64(a.With), a.Kind, int64(a.Version), string(a.State), a.Why, paper, a.Lang, a.OpenedAt.UnixMicro(), a.DueOn.String(),
		micro(a.SignedAt), micro(a.AcceptedAt), micro(a.ConcludedAt), micro(a.EndedAt), day(a.KeepUntil), some(a.Hash), some(a.SealedHash), string(content),
		int64(a.holder), int64(a.signer), int64(a.looked), int64(a.counter), a.entry, int64(a.Reminders), micro(a.RemindedAt),
	}
}

// agreements reads those a condition selects, the newest first.
func agreements(q database.Querier, where string, args ...any) ([]Agreement, error) {
	rows, err := q.Query(`SELECT `+columns+` FROM agreement WHERE `+where+` ORDER BY number DESC`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Agreement
	for rows.Next() {
		var a Agreement
		var body, with, version, paper, opened, holder, signer, looked, counter, reminders int64
		var state, due, content string
		var signed, accepted, concluded, ended, reminded *int64
		var keep *string
		if err := rows.Scan(&a.Number, &body, &with, &a.Kind, &version, &state, &a.Why, &paper, &a.Lang, &opened, &due, &signed, &accepted, &concluded, &ended,
			&keep, &a.Hash, &a.SealedHash, &content, &holder, &signer, &looked, &counter, &a.entry, &reminders, &reminded); err != nil {
			return nil, err
		}
		a.Unit, a.With, a.Version, a.State, a.Paper = unit.ID(body), unit.ID(with), int(version), State(state), paper == 1
		a.OpenedAt, a.DueOn, a.KeepUntil = time.UnixMicro(opened).UTC(), dayOf(&due), dayOf(keep)
		a.Reminders, a.RemindedAt = int(reminders), at(reminded)
		a.SignedAt, a.AcceptedAt, a.ConcludedAt, a.EndedAt = at(signed), at(accepted), at(concluded), at(ended)
		a.holder, a.signer, a.looked, a.counter = vault.PersonID(holder), vault.PersonID(signer), vault.PersonID(looked), vault.PersonID(counter)
		if err := json.Unmarshal([]byte(content), &a.Content); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

const processorColumns = `id, unit, parent, holder, name, address, contact, country, transfer, task, purposes, fields, from_on, until_on, told_on, keeper`

func putProcessor(tx *database.Tx, p *Processor) error {
	_, err := tx.Exec(`INSERT INTO processor (`+processorColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`,
		p.ID, int64(p.Unit), p.Parent, p.Holder, p.Name, p.Address, p.Contact, p.Country, p.Transfer, p.Task, strings.Join(p.Purposes, " "), strings.Join(p.Fields, " "),
		p.From.String(), day(p.Until), day(p.ToldOn), int64(p.holder))
	return err
}

func processors(q database.Querier, where string, args ...any) ([]Processor, error) {
	rows, err := q.Query(`SELECT `+processorColumns+`, (SELECT COUNT(*) FROM processor_objection o WHERE o.processor = processor.id AND o.done_at IS NULL)
		FROM processor WHERE `+where+` ORDER BY name, id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Processor
	for rows.Next() {
		var p Processor
		var body, keeper, objections int64
		var purposes, fields, from string
		var until, told *string
		if err := rows.Scan(&p.ID, &body, &p.Parent, &p.Holder, &p.Name, &p.Address, &p.Contact, &p.Country, &p.Transfer, &p.Task, &purposes, &fields,
			&from, &until, &told, &keeper, &objections); err != nil {
			return nil, err
		}
		p.Unit, p.Purposes, p.Fields = unit.ID(body), strings.Fields(purposes), strings.Fields(fields)
		p.From, p.Until, p.ToldOn, p.holder, p.HasFile, p.Objections = dayOf(&from), dayOf(until), dayOf(told), vault.PersonID(keeper), keeper != 0, int(objections)
		all = append(all, p)
	}
	return all, rows.Err()
}

// objections reads those a condition selects, with their words as long as their key is there.
func (s *Service) objections(q database.Querier, where string, args ...any) ([]Objection, error) {
	all, err := objections(q, where, args...)
	for i := range all {
		var said saying
		err := record.Get(s.Records, q, words, all[i].holder, uint64(all[i].ID), &said)
		if err != nil && !errors.Is(err, database.ErrNotFound) && !errors.Is(err, vault.ErrErased) {
			return nil, err
		}
		all[i].Reason, all[i].Answer = said.reason, said.answer
	}
	return all, err
}

func objections(q database.Querier, where string, args ...any) ([]Objection, error) {
	rows, err := q.Query(`SELECT id, processor, unit, said_at, said_by, holder, outcome, done_at FROM processor_objection WHERE `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Objection
	for rows.Next() {
		var o Objection
		var body, said, by, holder int64
		var done *int64
		if err := rows.Scan(&o.ID, &o.Processor, &body, &said, &by, &holder, &o.Outcome, &done); err != nil {
			return nil, err
		}
		o.Unit, o.At, o.by, o.holder, o.DoneAt = unit.ID(body), time.UnixMicro(said).UTC(), vault.PersonID(by), vault.PersonID(holder), at(done)
		all = append(all, o)
	}
	return all, rows.Err()
}
