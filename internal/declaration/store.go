package declaration

import (
	"encoding/json"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// kept is what a version keeps: its texts, what they were written from, and what they
// add up to.
type kept struct {
	Texts  Texts             `json:"texts"`
	Facts  []Stated          `json:"facts"`
	Hashes map[string]string `json:"hashes"`
}

func insertVersion(tx *database.Tx, v *Version) error {
	content, err := json.Marshal(kept{v.texts, v.facts, v.Hashes})
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO declaration_version (id, unit, number, published_at, published_by, post, reviewer, reason, material, facts, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		v.ID, int64(v.Unit), int64(v.Number), v.At.UnixMicro(), int64(v.By), v.Function, v.Reviewer, v.Reason, bit(v.Material), v.Facts, string(content))
	return err
}

func bit(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// versions reads the versions a condition selects, the newest of each body first.
func versions(q database.Querier, where string, args ...any) ([]Version, error) {
	rows, err := q.Query(`SELECT id, unit, number, published_at, published_by, post, reviewer, reason, material, facts, content
		FROM declaration_version WHERE `+where+` ORDER BY unit, number DESC`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Version
	for rows.Next() {
		var v Version
		var body, number, at, by, material int64
		var content string
		if err := rows.Scan(&v.ID, &body, &number, &at, &by, &v.Function, &v.Reviewer, &v.Reason, &material, &v.Facts, &content); err != nil {
			return nil, err
		}
		v.Unit, v.Number, v.At, v.By, v.Material = unit.ID(body), int(number), time.UnixMicro(at).UTC(), vault.PersonID(by), material == 1
		var k kept
		if err := json.Unmarshal([]byte(content), &k); err != nil {
			return nil, err
		}
		v.texts, v.facts, v.Hashes = k.Texts, k.Facts, k.Hashes
		all = append(all, v)
	}
	return all, rows.Err()
}

// newest selects the newest version of a body, newestOfAll that of each.
const (
	newest      = `unit = $1 AND number = (SELECT MAX(number) FROM declaration_version WHERE unit = $1)`
	newestOfAll = `number = (SELECT MAX(number) FROM declaration_version other WHERE other.unit = declaration_version.unit)`
)

func drafts(q database.Querier, where string, args ...any) ([]Draft, error) {
	rows, err := q.Query(`SELECT unit, state, revision, since, writer, submitter, reviewer, post, reason, material, content
		FROM declaration_draft WHERE `+where+` ORDER BY unit`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Draft
	for rows.Next() {
		var d Draft
		var body, revision, since, writer, submitter, reviewer, material int64
		var state, content string
		if err := rows.Scan(&body, &state, &revision, &since, &writer, &submitter, &reviewer, &d.Function, &d.Reason, &material, &content); err != nil {
			return nil, err
		}
		d.Unit, d.State, d.Revision, d.Since, d.Material = unit.ID(body), State(state), int(revision), time.UnixMicro(since).UTC(), material == 1
		d.Writer, d.Submitter, d.Reviewer = vault.PersonID(writer), vault.PersonID(submitter), vault.PersonID(reviewer)
		if err := json.Unmarshal([]byte(content), &d.Own); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// draftOf is what a body has written; nothing yet is a draft at revision 0.
func draftOf(q database.Querier, body unit.ID) (Draft, error) {
	all, err := drafts(q, `unit = $1`, int64(body))
	if err != nil || len(all) == 0 {
		return Draft{Unit: body, State: Drafted}, err
	}
	return all[0], nil
}

func putDraft(tx *database.Tx, d *Draft) error {
	content, err := json.Marshal(d.Own)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO declaration_draft (unit, state, revision, since, writer, submitter, reviewer, post, reason, material, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (unit) DO UPDATE SET state = $2, revision = $3, since = $4, writer = $5, submitter = $6, reviewer = $7, post = $8, reason = $9, material = $10, content = $11`,
		int64(d.Unit), string(d.State), int64(d.Revision), d.Since.UnixMicro(), int64(d.Writer), int64(d.Submitter), int64(d.Reviewer),
		d.Function, d.Reason, bit(d.Material), string(content))
	return err
}

func insertEdit(tx *database.Tx, body unit.ID, e *Edit) error {
	id, err := tx.Next("declaration edit")
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO declaration_edit (id, unit, at, edited_by, post, part, act, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, int64(body), e.At.UnixMicro(), int64(e.By), e.Function, e.Part, e.Act, e.Reason)
	return err
}

// edits reads who did what to a body's declaration, the newest first.
func edits(q database.Querier, body unit.ID, most int) ([]Edit, error) {
	rows, err := q.Query(`SELECT at, edited_by, post, part, act, reason FROM declaration_edit WHERE unit = $1 ORDER BY id DESC LIMIT $2`, int64(body), int64(most))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Edit
	for rows.Next() {
		var e Edit
		var at, by int64
		if err := rows.Scan(&at, &by, &e.Function, &e.Part, &e.Act, &e.Reason); err != nil {
			return nil, err
		}
		e.At, e.By = time.UnixMicro(at).UTC(), vault.PersonID(by)
		all = append(all, e)
	}
	return all, rows.Err()
}

// looks are when declarations were looked through last without being changed.
func looks(q database.Querier, where string, args ...any) (map[unit.ID]time.Time, error) {
	rows, err := q.Query(`SELECT unit, MAX(at) FROM declaration_edit WHERE `+where+` GROUP BY unit`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[unit.ID]time.Time{}
	for rows.Next() {
		var body, at int64
		if err := rows.Scan(&body, &at); err != nil {
			return nil, err
		}
		all[unit.ID(body)] = time.UnixMicro(at).UTC()
	}
	return all, rows.Err()
}
