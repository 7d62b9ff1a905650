package journal

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"kartotek/internal/database"
)

// exportAtOnce is how many entries are in memory at a time.
const exportAtOnce = 256

// exported is a line of the export: an entry in words of numbers and codes,
// with what it takes to compute its leaf again. Bytes are base64.
type exported struct {
	Position  int64      `json:"position"`
	ID        int64      `json:"id"`
	At        *time.Time `json:"at,omitempty"`
	Act       string     `json:"act,omitempty"`
	Actor     uint32     `json:"actor,omitempty"`
	Post      string     `json:"post,omitempty"`
	Unit      uint32     `json:"unit,omitempty"`
	Right     string     `json:"right,omitempty"`
	Via       string     `json:"via,omitempty"`
	OSUser    string     `json:"os_user,omitempty"`
	Purpose   string     `json:"purpose,omitempty"`
	Target    uint32     `json:"target,omitempty"`
	Fields    []string   `json:"fields,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Number    int64      `json:"number,omitempty"`
	Reading   int64      `json:"reading,omitempty"`
	Proof     []byte     `json:"proof,omitempty"`
	Persons   []uint32   `json:"persons,omitempty"`
	KeepUntil *time.Time `json:"keep_until,omitempty"` // absent: for ever
	Pruned    bool       `json:"pruned,omitempty"`
	KeepMicro int64      `json:"keep_until_micro"` // as it is hashed
	Leaf      []byte     `json:"leaf"`
	Salt      []byte     `json:"salt,omitempty"`
	Body      []byte     `json:"body,omitempty"`
}

// Export writes the journal in JSON lines, an entry each in the tree's order,
// persons and actors by their ids only, and as the last line the checkpoint over
// exactly these entries: {"checkpoint": "…"}. A journal that is open for reading
// only ends with its newest stored checkpoint. No reading of the database is
// open while w is written to.
func (j *Journal) Export(ctx context.Context, w io.Writer) error {
	var signed string
	var size int64
	if j.readOnly {
		err := j.db.Read(ctx, func(q database.Querier) error {
			c, _, err := newestCheckpoint(q)
			signed, size = c.note, c.size
			return err
		})
		if err != nil {
			return err
		}
	} else {
		text, err := j.Checkpoint(ctx)
		if err != nil {
			return err
		}
		c, err := j.openCheckpoint(text)
		if err != nil {
			return err
		}
		signed, size = string(text), c.size
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for from := int64(0); from < size; from += exportAtOnce {
		page, err := j.exportPage(ctx, from, min(size, from+exportAtOnce))
		if err != nil {
			return err
		}
		for _, line := range page {
			if err := out.Encode(line); err != nil {
				return err
			}
		}
	}
	return out.Encode(map[string]string{"checkpoint": signed})
}

// exportPage reads the entries at the positions from <= p < to.
func (j *Journal) exportPage(ctx context.Context, from, to int64) ([]exported, error) {
	var page []exported
	err := j.db.Read(ctx, func(q database.Querier) error {
		found, err := q.Query(`SELECT p.position, p.entry, e.leaf, e.keep_until, b.salt, b.body
			FROM journal_position p JOIN journal_entry e ON e.id = p.entry LEFT JOIN journal_body b ON b.entry = p.entry
			WHERE p.position >= $1 AND p.position < $2 ORDER BY p.position`, from, to)
		if err != nil {
			return err
		}
		for found.Next() {
			var x exported
			if err := found.Scan(&x.Position, &x.ID, &x.Leaf, &x.KeepMicro, &x.Salt, &x.Body); err != nil {
				return err
			}
			page = append(page, x)
		}
		if err := found.Err(); err != nil {
			return err
		}
		for i := range page {
			if err := page[i].tell(q); err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}

// tell fills in what the body says.
func (x *exported) tell(q database.Querier) error {
	if x.KeepMicro != forever {
		t := instant(x.KeepMicro)
		x.KeepUntil = &t
	}
	if x.Body == nil {
		x.Pruned = true
		return nil
	}
	l, err := newLine(x.ID, x.Body, x.KeepMicro)
	if err != nil {
		return err
	}
	x.At, x.Act, x.Actor, x.Post, x.Unit, x.Right = &l.At, l.Act.String(), l.Actor, l.Post, l.Unit, l.Right
	x.Via, x.OSUser, x.Purpose, x.Target, x.Fields = l.Via, l.OSUser, l.Purpose, l.Target, l.Fields
	x.Reason, x.Number, x.Reading, x.Proof = l.Reason, l.Number, l.Reading, l.Proof
	if l.Count == 0 {
		return nil
	}
	set, err := readPersons(q, x.ID)
	if err != nil {
		return err
	}
	x.Persons = set.ToArray()
	return nil
}
