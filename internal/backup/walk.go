package backup

import (
	"context"
	"fmt"
	"strings"

	"kartotek/internal/database"
)

// A page is what one query reads: so many rows, and not much more than so many
// bytes, so that memory does not depend on the register.
const (
	pageRows  = 8192
	pageBytes = 4 << 20
)

// asker runs a query of one page in a transaction: the same for all pages of a
// snapshot, one of its own for each page otherwise.
type asker func(fn func(q database.Querier) error) error

// walk reads the rows of tables in the order of their keys, page by page, and
// has them cut into chunks. Between two pages nothing is open.
func walk(ctx context.Context, tables []database.Table, size sizes, ask asker, emit func(table int, plain []byte, rows int64) error) error {
	for i := range tables {
		t := &tables[i]
		if stayBehind[t.Name] {
			continue
		}
		p, err := newPager(t)
		if err != nil {
			return err
		}
		c := cutter{sizes: size, header: chunkHeader(t.Name, p.columns), emit: func(plain []byte, rows int64) error { return emit(i, plain, rows) }}
		for more := true; more; {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := ask(func(q database.Querier) (err error) {
				more, err = p.read(q)
				return err
			}); err != nil {
				return err
			}
			if err := p.each(c.add); err != nil {
				return err
			}
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

// pager reads one table page by page.
type pager struct {
	columns []string
	key     []int // the key's columns among them
	first   string
	next    string
	after   []any // the key of the last row read; nil before the first

	values  []any
	encoded []byte // the page's rows, and before each its key
	marks   []mark
}

// mark is where a row's key begins in encoded, where the row does, and its end.
type mark struct{ key, row, end int }

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func newPager(t *database.Table) (*pager, error) {
	if len(t.Key) == 0 {
		return nil, fmt.Errorf("backup: table %s has no primary key", t.Name)
	}
	p := &pager{values: make([]any, len(t.Columns))}
	var columns, key, holes []string
	for _, c := range t.Columns {
		p.columns = append(p.columns, c.Name)
		columns = append(columns, quoted(c.Name))
	}
	for i, name := range t.Key {
		p.key = append(p.key, t.Column(name))
		key = append(key, quoted(name))
		holes = append(holes, fmt.Sprintf("$%d", i+1))
	}
	from := `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + quoted(t.Name)
	order := ` ORDER BY ` + strings.Join(key, ", ") + fmt.Sprintf(" LIMIT %d", pageRows)
	p.first = from + order
	p.next = from + ` WHERE (` + strings.Join(key, ", ") + `) > (` + strings.Join(holes, ", ") + `)` + order
	return p, nil
}

// read reads the next page and reports whether there may be another.
func (p *pager) read(q database.Querier) (more bool, err error) {
	p.encoded, p.marks = p.encoded[:0], p.marks[:0]
	text := p.next
	if p.after == nil {
		text = p.first
	}
	rows, err := q.Query(text, p.after...)
	if err != nil {
		return false, err
	}
	for rows.Next() {
		if err := rows.Values(p.values); err != nil {
			return false, err
		}
		m := mark{key: len(p.encoded)}
		for _, i := range p.key {
			if p.encoded, err = appendValue(p.encoded, p.values[i]); err != nil {
				return false, err
			}
		}
		m.row = len(p.encoded)
		for _, v := range p.values {
			if p.encoded, err = appendValue(p.encoded, v); err != nil {
				return false, err
			}
		}
		m.end = len(p.encoded)
		p.marks = append(p.marks, m)
		if len(p.encoded) > pageBytes {
			break
		}
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	if err := rows.Close(); err != nil || len(p.marks) == 0 {
		return false, err
	}
	p.after = p.after[:0]
	for _, i := range p.key {
		v := p.values[i]
		if b, ok := v.([]byte); ok {
			v = append([]byte(nil), b...)
		}
		p.after = append(p.after, v)
	}
	return len(p.marks) == pageRows || len(p.encoded) > pageBytes, nil
}

// each gives the page's rows.
func (p *pager) each(fn func(key, row []byte) error) error {
	for _, m := range p.marks {
		if err := fn(p.encoded[m.key:m.row], p.encoded[m.row:m.end]); err != nil {
			return err
		}
	}
	return nil
}
