package vault

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kartotek/internal/database"
)

// part is a piece of the keyring that is copied as one object: the drawers of
// some four thousand persons, two thousand entries of the ledger, or the head,
// which is everything small. To create somebody rewrites three parts of a copy,
// a quarter of a megabyte each, however many persons there are.
type part struct {
	table  byte
	number int64
}

// The tables of parts.
const (
	partHead    = 'h' // what the keyring keeps by name, and its counters
	partKeys    = 'k'
	partClaims  = 'c'
	partOneOffs = 'o'
	partLedger  = 'l'

	drawersInPart = 64
	entriesInPart = 2048

	entrySize = 8 + 4 + 2 + 16 + 8 + 32 + 64
)

// head is the part that every copy has.
var head = part{table: partHead}

// drawersOf says in which table the drawers of a part lie and how many ids of
// drawers follow each other in one part.
func drawersOf(table byte) (of drawerTable, ids int64, ok bool) {
	switch table {
	case partKeys:
		return keyDrawers, drawersInPart, true
	case partClaims:
		return claimDrawers, drawersInPart * partsOfClaims, true
	case partOneOffs:
		return oneOffDrawers, drawersInPart, true
	}
	return of, 0, false
}

// partOfDrawer is the part a drawer is copied in.
func partOfDrawer(table byte, id int64) part {
	_, ids, _ := drawersOf(table)
	return part{table, id / ids}
}

func partOfEntry(seq int64) part { return part{partLedger, (seq - 1) / entriesInPart} }

func (p part) compare(q part) int {
	return cmp.Or(cmp.Compare(p.table, q.table), cmp.Compare(p.number, q.number))
}

// known reports whether this version has such parts.
func (p part) known() bool {
	_, _, drawers := drawersOf(p.table)
	return drawers || p.table == partHead || p.table == partLedger
}

// readPart gives what a part holds; nothing for one that there is not.
func readPart(q database.Querier, p part) ([]byte, error) {
	if p == head {
		return readHead(q)
	}
	if p.table == partLedger {
		return readEntries(q, p)
	}
	of, ids, ok := drawersOf(p.table)
	if !ok {
		return nil, fmt.Errorf("%w: an unknown part", database.ErrCorrupt)
	}
	rows, err := q.Query(of.span, p.number*ids, (p.number+1)*ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var text []byte
	var id int64
	var d drawer
	for rows.Next() {
		if err := rows.Scan(&id, &d); err != nil {
			return nil, err
		}
		text = append(binary.BigEndian.AppendUint64(text, uint64(id)), d[:]...)
	}
	return text, rows.Err()
}

// readEntries gives the entries of a part, each in a form of one length.
func readEntries(q database.Querier, p part) (text []byte, err error) {
	first := p.number*entriesInPart + 1
	err = eachEntry(q, first, func(e *LedgerEntry) error {
		if e.Seq >= first+entriesInPart {
			return errEnough
		}
		text = binary.BigEndian.AppendUint64(text, uint64(e.Seq))
		text = binary.BigEndian.AppendUint32(text, uint32(e.Person))
		text = binary.BigEndian.AppendUint16(text, uint16(e.Class))
		text = append(text, e.Fingerprint[:]...)
		text = binary.BigEndian.AppendUint64(text, uint64(e.At.UnixMicro()))
		text = append(text, e.Hash[:]...)
		text = append(text, e.Signature[:]...)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return text, err
}

var errEnough = errors.New("vault: read enough")

// readHead reads names with their values and counters, in order.
func readHead(q database.Querier) (text []byte, err error) {
	for _, query := range []string{
		`SELECT name, value FROM keyring ORDER BY name`,
		`SELECT name, next FROM counter ORDER BY name`,
	} {
		rows, err := q.Query(query)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var value any
			if err := rows.Scan(&name, &value); err != nil {
				return nil, err
			}
			text = appendField(text, []byte(name))
			switch v := value.(type) {
			case []byte:
				text = appendField(text, v)
			case int64:
				text = appendField(text, binary.BigEndian.AppendUint64(nil, uint64(v)))
			default:
				return nil, database.ErrCorrupt
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		rows.Close()
		text = appendField(text, nil) // the end of a table: no name is empty
	}
	return text, nil
}

func appendField(dst, field []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(field))), field...)
}

func nextField(text []byte) (field, rest []byte, err error) {
	if len(text) < 4 {
		return nil, nil, database.ErrCorrupt
	}
	n := binary.BigEndian.Uint32(text)
	if text = text[4:]; uint64(n) > uint64(len(text)) {
		return nil, nil, database.ErrCorrupt
	}
	return text[:n], text[n:], nil
}

// headTables reads what readHead wrote.
func headTables(text []byte) (values map[string][]byte, counters map[string]int64, err error) {
	values, counters = map[string][]byte{}, map[string]int64{}
	for table := range 2 {
		for {
			var name, value []byte
			if name, text, err = nextField(text); err != nil {
				return nil, nil, err
			}
			if len(name) == 0 {
				break
			}
			if value, text, err = nextField(text); err != nil {
				return nil, nil, err
			}
			switch {
			case table == 0:
				values[string(name)] = value
			case len(value) != 8:
				return nil, nil, database.ErrCorrupt
			default:
				counters[string(name)] = int64(binary.BigEndian.Uint64(value))
			}
		}
	}
	if len(text) > 0 {
		return nil, nil, database.ErrCorrupt
	}
	return values, counters, nil
}

// entriesOf reads what readEntries wrote.
func entriesOf(text []byte) ([]LedgerEntry, error) {
	if len(text)%entrySize != 0 {
		return nil, database.ErrCorrupt
	}
	entries := make([]LedgerEntry, 0, len(text)/entrySize)
	for ; len(text) > 0; text = text[entrySize:] {
		e := LedgerEntry{
			Seq: int64(binary.BigEndian.Uint64(text)), Person: PersonID(binary.BigEndian.Uint32(text[8:])),
			Class: Class(binary.BigEndian.Uint16(text[12:])), At: time.UnixMicro(int64(binary.BigEndian.Uint64(text[30:]))).UTC(),
		}
		copy(e.Fingerprint[:], text[14:])
		copy(e.Hash[:], text[38:])
		copy(e.Signature[:], text[70:])
		entries = append(entries, e)
	}
	return entries, nil
}

// writePart puts a part into a keyring file that has nothing of it.
func writePart(tx *database.Tx, p part, text []byte) error {
	switch p.table {
	case partHead:
		values, counters, err := headTables(text)
		if err != nil {
			return err
		}
		for name, v := range values {
			err = errors.Join(err, setValue(tx, name, v))
		}
		for name, next := range counters {
			err = errors.Join(err, setNext(tx, name, next))
		}
		return err
	case partLedger:
		entries, err := entriesOf(text)
		for i := range entries {
			err = errors.Join(err, insertEntry(tx, &entries[i]))
		}
		return err
	}
	of, _, ok := drawersOf(p.table)
	if !ok || len(text)%(8+drawerSize) != 0 {
		return database.ErrCorrupt
	}
	for ; len(text) > 0; text = text[8+drawerSize:] {
		id := int64(binary.BigEndian.Uint64(text))
		if partOfDrawer(p.table, id) != p {
			return database.ErrCorrupt
		}
		if _, err := tx.Exec(of.put, id, text[8:8+drawerSize]); err != nil {
			return err
		}
	}
	return nil
}

// partsOf lists the parts the keyring has, in order.
func partsOf(q database.Querier) ([]part, error) {
	parts := []part{head}
	for _, table := range []byte{partKeys, partClaims, partOneOffs} {
		of, ids, _ := drawersOf(table)
		rows, err := q.Query(of.ids)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var id int64
		for rows.Next() {
			if err := rows.Scan(&id); err != nil {
				return nil, err
			}
			if p := (part{table, id / ids}); p != parts[len(parts)-1] {
				parts = append(parts, p)
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		rows.Close()
	}
	last, err := lastEntry(q)
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return nil, err
	}
	for seq := int64(1); seq <= last.Seq; seq += entriesInPart {
		parts = append(parts, partOfEntry(seq))
	}
	slices.SortFunc(parts, part.compare)
	return parts, nil
}

// The objects of a copy have names of their own, so that it can share a place
// with backups.
const (
	copyFolder   = "keys/"
	manifestName = copyFolder + "manifest"
)

// object is the name of a part written in a generation.
func (p part) object(generation int64) string {
	return fmt.Sprintf("%s%c%x.%x", copyFolder, p.table, p.number, generation)
}

// generationOf is the generation in the name of a part's object; 0 for another's.
func generationOf(name string) (generation int64) {
	_, last, _ := strings.Cut(strings.TrimPrefix(name, copyFolder), ".")
	if _, err := fmt.Sscanf(last, "%x", &generation); err != nil || generation < 0 {
		return 0
	}
	return generation
}
