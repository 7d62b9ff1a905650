package app_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kartotek/internal/app"
	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// row is a sealed value of somebody: a record, or a blob beside a person's id.
type row struct {
	person vault.PersonID
	column string
	label  vault.Label // of a record
	record bool
	sealed []byte
}

type tableOf struct {
	name string
	rows []row
}

// tables reads every table that has a column for a person and takes every blob
// that stands beside it, whatever its name is.
func (p *proof) tables(db *database.DB) (all []tableOf) {
	p.t.Helper()
	p.Must(db.Read(p.Context(), func(q database.Querier) error {
		tables, err := db.Tables(q)
		if err != nil {
			return err
		}
		all = nil
		for _, t := range tables {
			var names []string
			for _, c := range t.Columns {
				names = append(names, c.Name)
			}
			at := slices.Index(names, "person")
			if at < 0 {
				continue
			}
			found, err := q.Query(`SELECT "` + strings.Join(names, `", "`) + `" FROM "` + t.Name + `"`)
			if err != nil {
				return err
			}
			table, values := tableOf{name: t.Name}, make([]any, len(names))
			for found.Next() {
				if err := found.Values(values); err != nil {
					return err
				}
				person, ok := values[at].(int64)
				if !ok {
					continue
				}
				for i, value := range values {
					blob, ok := value.([]byte)
					if !ok || len(blob) < vault.Overhead {
						continue
					}
					r := row{person: vault.PersonID(person), column: t.Name + "." + names[i], sealed: bytes.Clone(blob)}
					if t.Name == "record" && names[i] == "sealed" {
						number := func(name string) uint64 { return uint64(values[slices.Index(names, name)].(int64)) }
						r.record, r.label = true, vault.Label{
							Person: r.person, Class: vault.Class(number("class")), Kind: uint16(number("kind")), ID: number("id"), Version: uint32(number("version")),
						}
					}
					table.rows = append(table.rows, r)
				}
			}
			if err := found.Err(); err != nil {
				return err
			}
			found.Close()
			all = append(all, table)
		}
		return nil
	}))
	return all
}

// goes reports whether somebody is one of those who are erased.
func (p *proof) goes(person vault.PersonID) bool {
	return slices.Contains(p.going, person) || slices.ContainsFunc(goers, func(name string) bool { return p.People[name] == person })
}

// sealed gives the goers' sealed values in a register. What a law orders kept is
// theirs too, and is none of them: it stays, under a key of its own, until its end.
func (p *proof) sealed(db *database.DB) (rows []row) {
	for _, t := range p.tables(db) {
		for _, r := range t.rows {
			if p.goes(r.person) && r.label.Class != vault.Bookkeeping && !r.label.Class.Ends() {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func (p *proof) oldRows(c app.Config) []row {
	p.t.Helper()
	db, err := database.Open(p.Context(), database.Options{Path: filepath.Join(c.Data, "register.db"), DSN: c.DSN, Shared: true})
	p.Must(err)
	defer db.Close()
	return p.sealed(db)
}

// stays is every record of everybody else, opened.
func (p *proof) stays(h *app.House) map[string][]byte {
	p.t.Helper()
	all := map[string][]byte{}
	p.Must(h.Records.Everything(p.Context(), func(u *record.Unsealed) error {
		if p.goes(u.Person) || !p.early(u.Person) {
			return nil
		}
		if u.Err != nil {
			return fmt.Errorf("record %d of kind %d of person %d: %w", u.ID, u.Kind.Number, u.Person, u.Err)
		}
		all[fmt.Sprintf("person %d, kind %s, %d", u.Person, u.Kind.Name, u.ID)] = bytes.Clone(u.Plain)
		return nil
	}))
	if len(all) < 15 {
		p.t.Fatalf("only %d records of the others", len(all))
	}
	return all
}

// early are those of the cast; an applicant comes later and goes again.
func (p *proof) early(person vault.PersonID) bool {
	return slices.Contains(slices.Collect(maps.Values(p.People)), person)
}

// differ lists what two states have not in common.
func (p *proof) differ(before, now map[string][]byte) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if !bytes.Equal(before[key], now[key]) {
			fmt.Fprintf(&b, "%s: was %x, is %x\n", key, before[key], now[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if _, known := before[key]; !known {
			fmt.Fprintf(&b, "%s: is new\n", key)
		}
	}
	return b.String()
}

var (
	codeLike = regexp.MustCompile(`^[a-z0-9_/-]*$`)
	dayLike  = regexp.MustCompile(`^\d{4}-\d\d-\d\d`)
	// An amount's few digits stand in the hexadecimal names of chunks by chance.
	amountLike = regexp.MustCompile(`^\d{1,4}\.\d\d$`)
)

// texts are what the goers' records say of them and of nobody else: each value
// that a person is told of (Art. 15), codes, days and amounts left out, which are not theirs
// alone.
func (p *proof) texts() []string {
	p.t.Helper()
	mine, others := map[string]bool{}, map[string]bool{}
	p.Must(p.Records.Everything(p.Context(), func(u *record.Unsealed) error {
		for _, line := range u.Lines {
			into := others
			if p.goes(u.Person) {
				into = mine
			}
			into[line.Value] = true
		}
		return nil
	}))
	// What stands clear of the association itself is nobody's either.
	source := strings.ToLower(string(p.Charter.Source()))
	for _, u := range p.Units.Tree().All() {
		source += "\n" + strings.ToLower(u.Name) + "\n" + strings.ToLower(u.Code)
	}
	var texts []string
	for _, text := range slices.Sorted(maps.Keys(mine)) {
		if others[text] || len([]rune(text)) < 5 || codeLike.MatchString(text) && !strings.Contains(text, "@") || dayLike.MatchString(text) || amountLike.MatchString(text) || strings.Contains(source, strings.ToLower(text)) {
			continue
		}
		texts = append(texts, text)
	}
	return texts
}

// ring is every key a keyring holds, unwrapped.
type ring struct {
	data map[string]cipher.AEAD
	once map[int64]cipher.AEAD
}

// allKeys unwraps every key of the keyring as it lies, with nothing but its master key.
func (p *proof) allKeys() ring {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.Config.Keys, "master.key"))
	p.Must(err)
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	p.Must(err)
	master, found := sealer(key), ring{map[string]cipher.AEAD{}, map[int64]cipher.AEAD{}}
	db, err := database.OpenFile(p.Context(), filepath.Join(p.Config.Keys, "keyring.db"), os.DirFS("../vault/migrations"), database.Options{ReadOnly: true})
	p.Must(err)
	defer db.Close()
	const wrapped, inDrawer, onceSize = 60, 64, 68
	p.Must(db.Read(p.Context(), func(q database.Querier) error {
		for _, table := range []string{"key_drawer", "one_off_drawer"} {
			rows, err := q.Query(`SELECT id, cells FROM ` + table)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id int64
				var cells []byte
				if err := rows.Scan(&id, &cells); err != nil {
					return err
				}
				if table == "one_off_drawer" {
					for slot := range int64(len(cells) / onceSize) {
						number := id*int64(len(cells)/onceSize) + slot
						about := binary.BigEndian.AppendUint64([]byte{'o'}, uint64(number))
						if plain, err := master.Open(nil, nil, cells[slot*onceSize+8:(slot+1)*onceSize], about); err == nil {
							found.once[number] = sealer(plain)
						}
					}
					continue
				}
				for slot := range inDrawer {
					person := uint32(id&(1<<32-1))*inDrawer + uint32(slot)
					about := appendClass(binary.BigEndian.AppendUint32([]byte{'k'}, person), vault.Class(id>>32))
					if plain, err := master.Open(nil, nil, cells[slot*wrapped:(slot+1)*wrapped], about); err == nil {
						found.data[fmt.Sprint(person, " ", id>>32)] = sealer(plain)
					}
				}
			}
			if err := rows.Err(); err != nil {
				return err
			}
			rows.Close()
		}
		return nil
	}))
	return found
}

func sealer(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// appendClass is how a class is bound to keys and seals.
func appendClass(dst []byte, c vault.Class) []byte {
	if c <= 1<<8-1 {
		return append(dst, byte(c))
	}
	return binary.BigEndian.AppendUint16(append(dst, 0), uint16(c))
}

// tried is what came of trying all keys on sealed values.
type tried struct {
	keys    int
	of      int // records
	records int // of them that open
	once    int // of the others, under a one-off key
}

// opens tries every key there is on every value, whoever's the key is said to be.
func (p *proof) opens(rows []row) (t tried) {
	p.t.Helper()
	keys := p.allKeys()
	t.keys = len(keys.data) + len(keys.once)
	for _, r := range rows {
		if !r.record {
			for number, key := range keys.once {
				about := binary.BigEndian.AppendUint64([]byte{'o'}, uint64(number))
				if _, err := key.Open(nil, nil, r.sealed[1:], about); err == nil {
					t.once++
				}
			}
			continue
		}
		t.of++
		about := appendClass(binary.BigEndian.AppendUint32([]byte{1}, uint32(r.label.Person)), r.label.Class)
		about = binary.BigEndian.AppendUint16(about, r.label.Kind)
		about = binary.BigEndian.AppendUint64(about, r.label.ID)
		about = binary.BigEndian.AppendUint32(about, r.label.Version)
		for _, key := range keys.data {
			if _, err := key.Open(nil, nil, r.sealed[1:], about); err == nil {
				t.records++
				break
			}
		}
	}
	return t
}
