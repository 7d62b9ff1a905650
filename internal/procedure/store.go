package procedure

import (
	"encoding/json"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, v *Version) error {
	content, err := json.Marshal(v.Texts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO procedure_version (id, document, number, published_at, published_by, editor, reason, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.ID, string(v.Document), int64(v.Number), v.At.UnixMicro(), int64(v.By), v.Function, v.Reason, string(content))
	return err
}

// versions reads the versions a condition selects, the newest first, without their
// texts unless whole.
func versions(q database.Querier, whole bool, where string, args ...any) ([]Version, error) {
	content := `''`
	if whole {
		content = `content`
	}
	rows, err := q.Query(`SELECT id, document, number, published_at, published_by, editor, reason, `+content+`
		FROM procedure_version WHERE `+where+` ORDER BY number DESC`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Version
	for rows.Next() {
		var v Version
		var document, content string
		var number, at, by int64
		if err := rows.Scan(&v.ID, &document, &number, &at, &by, &v.Function, &v.Reason, &content); err != nil {
			return nil, err
		}
		v.Document, v.Number, v.At, v.By = Code(document), int(number), time.UnixMicro(at).UTC(), vault.PersonID(by)
		if content != "" {
			if err := json.Unmarshal([]byte(content), &v.Texts); err != nil {
				return nil, err
			}
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// named reads the names of editors, where they are still there and nobody is leaving.
func (s *Service) named(q database.Querier, all []Version) error {
	for i := range all {
		if s.Members.Leaving(all[i].By) {
			continue
		}
		var e editor
		err := record.Get(s.Records, q, editors, all[i].By, uint64(all[i].ID), &e)
		switch {
		case errors.Is(err, database.ErrNotFound), errors.Is(err, vault.ErrErased):
			continue // shown by function alone
		case err != nil:
			return err
		}
		all[i].Name = e.Name
	}
	return nil
}

// Note is what the association adds itself: an introduction, or a note to a section.
type Note struct {
	Section  string `json:"section"` // "" is the introduction
	Language string `json:"language"`
	Text     string `json:"text"`
}

func notes(q database.Querier, code Code) ([]Note, error) {
	rows, err := q.Query(`SELECT section, language, text FROM procedure_note WHERE document = $1 ORDER BY section, language`, string(code))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Note
	for rows.Next() {
		var n Note
		if err := rows.Scan(&n.Section, &n.Language, &n.Text); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

func putNote(tx *database.Tx, code Code, n Note) error {
	if n.Text == "" {
		_, err := tx.Exec(`DELETE FROM procedure_note WHERE document = $1 AND section = $2 AND language = $3`, string(code), n.Section, n.Language)
		return err
	}
	_, err := tx.Exec(`INSERT INTO procedure_note (document, section, language, text) VALUES ($1, $2, $3, $4)
		ON CONFLICT (document, section, language) DO UPDATE SET text = $4`, string(code), n.Section, n.Language, n.Text)
	return err
}
