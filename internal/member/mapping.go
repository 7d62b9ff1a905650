package member

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/sheet"
	"kartotek/internal/unit"
)

// What somebody has corrected about the columns of a file is kept for the next
// file with the same headings: for the body it was saved in, and, saved by the
// secretariat, for everybody. Nothing of a file is in it, not even its headings,
// which are known again by a keyed hash; only fields of the charter are clear.

// Mapping is what the columns of a kind of file are.
type Mapping struct {
	ID     int64
	Unit   unit.ID // whose it is; the association's own is everybody's
	Name   string
	Fields []string // codes of the columns that are read
	Made   time.Time
	Used   time.Time
	Own    bool // the Scope may rename and delete it

	signature []byte
	spec      mappingSpec
}

// mappingSpec is a mapping in the form it is stored in, by hash of heading.
type mappingSpec struct {
	Columns map[string]string `json:"columns"`
	Dates   map[string]string `json:"dates,omitempty"`
}

const longestMapping = 60 // characters of a name

// headingHash is how a heading is known again; one without text by its place.
func (d *Directory) headingHash(heading string, at int) string {
	text := sheet.Signature(heading)
	if text == "" {
		text = "#" + strconv.Itoa(at+1)
	}
	return hex.EncodeToString(d.keyring.MAC("import-heading", []byte(text))[:16])
}

// signature is how the headings of a file are known again together.
func (d *Directory) signature(headings []string) []byte {
	var all strings.Builder
	for i, heading := range headings {
		if !isOwnColumn(heading) && !isMatchColumn(heading) {
			all.WriteString(d.headingHash(heading, i))
		}
	}
	return d.keyring.MAC("import-headings", []byte(all.String()))[:16]
}

// mappingUnit is the body whose mappings a Scope saves.
func (d *Directory) mappingUnit(s access.Scope) unit.ID {
	root, _ := d.units.Tree().Root()
	switch {
	case s.Basis().Right == access.ByPosition: // the secretariat's are everybody's, wherever it imports
		return root.ID
	case s.Unit() != 0:
		return s.Unit()
	}
	return s.Basis().Unit
}

// Mappings are the saved mappings a Scope may use: its body's and everybody's.
func (d *Directory) Mappings(ctx context.Context, s access.Scope) ([]Mapping, error) {
	if _, err := d.enter(s, charter.Import); err != nil {
		return nil, err
	}
	root, _ := d.units.Tree().Root()
	own := d.mappingUnit(s)
	var all []Mapping
	err := d.db.Read(ctx, func(q database.Querier) (err error) {
		all, err = mappings(q, `unit = $1 OR unit = $2`, int64(own), int64(root.ID))
		return err
	})
	for i := range all {
		all[i].Own = all[i].Unit == own
	}
	return all, err
}

// mappingFor is the mapping to use for a file: the one asked for, or the one
// saved for the same headings, the body's own before everybody's; nil for none.
func (d *Directory) mappingFor(ctx context.Context, s access.Scope, headings []string, o Options) (*Mapping, error) {
	if o.Plain {
		return nil, nil
	}
	all, err := d.Mappings(ctx, s)
	if err != nil {
		return nil, err
	}
	signature := d.signature(headings)
	var found *Mapping
	for i := range all {
		m := &all[i]
		switch {
		case o.Mapping != "" && (m.Name == o.Mapping || strconv.FormatInt(m.ID, 10) == o.Mapping):
			return m, nil
		case o.Mapping == "" && bytes.Equal(m.signature, signature) && (found == nil || m.Own && !found.Own):
			found = m
		}
	}
	if o.Mapping != "" {
		return nil, fault.New(fault.Invalid, "member.import.no_mapping")
	}
	return found, nil
}

// use puts what a mapping says below what was chosen now.
func (d *Directory) use(m *Mapping, headings []string, o *Options) {
	columns, dates := map[string]string{}, map[string]sheet.Order{}
	for i, heading := range headings {
		hash, at := d.headingHash(heading, i), strconv.Itoa(i+1)
		if code, known := m.spec.Columns[hash]; known {
			columns[at] = code
		}
		if order, known := sheet.ParseOrder(m.spec.Dates[hash]); known && order != sheet.AnyOrder {
			dates[at] = order
		}
		if chosen, ok := choice(o.Map, heading, i); ok {
			columns[at] = chosen
		}
		if chosen, ok := choice(o.Dates, heading, i); ok && chosen != sheet.AnyOrder {
			dates[at] = chosen
		}
	}
	dates[""] = o.Dates[""]
	if dates[""] != sheet.AnyOrder { // told for every column now
		for at := range dates {
			dates[at] = dates[""]
		}
	}
	o.Map, o.Dates = columns, dates
}

// SaveMapping keeps what a file's columns are under a name, in place of what was
// kept under it. Only columns whose order of dates was told by somebody keep it.
func (d *Directory) SaveMapping(ctx context.Context, s access.Scope, name string, src io.Reader, o Options) error {
	if _, err := d.enter(s, charter.Import); err != nil {
		return err
	}
	name, err := mappingName(name)
	if err != nil {
		return err
	}
	f, err := d.openFile(ctx, s, src, o)
	if err != nil {
		return err
	}
	defer f.stop()
	spec := mappingSpec{Columns: map[string]string{}, Dates: map[string]string{}}
	for i, column := range f.columns {
		switch hash := d.headingHash(column.Heading, i); {
		case column.Dropped == "member.import.dropped.own" || column.Field == sheet.Match:
		case column.kept():
			spec.Columns[hash] = column.Field
			if column.answer {
				spec.Dates[hash] = column.Order.String()
			}
		default:
			spec.Columns[hash] = "-"
		}
	}
	columns, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	body, signature := d.mappingUnit(s), d.signature(f.headings)
	return d.db.Write(ctx, func(tx *database.Tx) error {
		at := tx.Now().UnixMicro()
		changed, err := tx.Exec(`UPDATE import_mapping SET signature = $3, columns = $4, used_at = $5 WHERE unit = $1 AND name = $2`,
			int64(body), name, signature, columns, at)
		if err != nil || changed > 0 {
			return err
		}
		id, err := tx.Next("import_mapping")
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO import_mapping (id, unit, name, signature, columns, made_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, int64(body), name, signature, columns, at, at)
		return err
	})
}

// usedMapping notes that a mapping was used.
func (d *Directory) usedMapping(ctx context.Context, id int64) error {
	return d.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE import_mapping SET used_at = $2 WHERE id = $1`, id, tx.Now().UnixMicro())
		return err
	})
}

// RenameMapping gives one of the body's mappings another name.
func (d *Directory) RenameMapping(ctx context.Context, s access.Scope, id int64, name string) error {
	name, err := mappingName(name)
	if err != nil {
		return err
	}
	return d.changeMapping(ctx, s, func(tx *database.Tx, body unit.ID) (int64, error) {
		taken, err := mappings(tx, `unit = $1 AND name = $2 AND id <> $3`, int64(body), name, id)
		if err != nil {
			return 0, err
		}
		if len(taken) > 0 {
			return 0, fault.New(fault.Conflict, "member.import.mapping_error").With("name", "member.import.mapping_taken")
		}
		return tx.Exec(`UPDATE import_mapping SET name = $3 WHERE id = $1 AND unit = $2`, id, int64(body), name)
	})
}

// DeleteMapping forgets one of the body's mappings.
func (d *Directory) DeleteMapping(ctx context.Context, s access.Scope, id int64) error {
	return d.changeMapping(ctx, s, func(tx *database.Tx, body unit.ID) (int64, error) {
		return tx.Exec(`DELETE FROM import_mapping WHERE id = $1 AND unit = $2`, id, int64(body))
	})
}

// changeMapping changes a mapping of the Scope's body; another's is not found.
func (d *Directory) changeMapping(ctx context.Context, s access.Scope, change func(*database.Tx, unit.ID) (int64, error)) error {
	if _, err := d.enter(s, charter.Import); err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx *database.Tx) error {
		changed, err := change(tx, d.mappingUnit(s))
		if err == nil && changed == 0 {
			return fault.New(fault.NotFound, "member.import.no_mapping")
		}
		return err
	})
}

// mappingName checks a name: short words, and nothing that names a person.
func mappingName(name string) (string, error) {
	name = locale.Tidy(name)
	if name == "" || len([]rune(name)) > longestMapping || strings.Contains(name, "@") || HoldsIdentityNumber(name) {
		return "", fault.New(fault.Invalid, "member.import.mapping_error").With("name", "member.import.mapping_name", "limit", longestMapping)
	}
	return name, nil
}

func mappings(q database.Querier, where string, args ...any) ([]Mapping, error) {
	rows, err := q.Query(`SELECT id, unit, name, signature, columns, made_at, used_at FROM import_mapping WHERE `+where+` ORDER BY name, id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Mapping
	for rows.Next() {
		var m Mapping
		var body, made, used int64
		var columns []byte
		if err := rows.Scan(&m.ID, &body, &m.Name, &m.signature, &columns, &made, &used); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(columns, &m.spec); err != nil {
			return nil, errors.Join(errors.New("member: a saved mapping is damaged"), err)
		}
		m.Unit, m.Made, m.Used = unit.ID(body), time.UnixMicro(made).UTC(), time.UnixMicro(used).UTC()
		m.signature = bytes.Clone(m.signature)
		for _, code := range m.spec.Columns {
			if code != "-" {
				m.Fields = append(m.Fields, code)
			}
		}
		all = append(all, m)
	}
	return all, rows.Err()
}
