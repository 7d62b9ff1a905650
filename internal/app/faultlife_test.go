package app_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/extract"
	"kartotek/internal/member"
	"kartotek/internal/transfer"
	"kartotek/internal/vault"
)

// chronicle is a random life of a house, act by act, on a watched disk.
type chronicle struct {
	*housetest.Fixture
	t       *testing.T
	disk    *faulttest.Disk
	rng     *rand.Rand
	acts    []lived // in order; the first is the start
	members []vault.PersonID
	closed  []vault.PersonID
	created int
	silent  bool                      // nothing is kept of the acts
	keys    map[vault.PersonID][]byte // wrapped keys, as they lie in the keyring
}

// lived is an act and what was true when it was acknowledged.
type lived struct {
	name   string
	begun  int // operations of the disk when it began
	acked  int // when it was acknowledged
	truth  truth
	erased []vault.PersonID
	known  []byte // a checkpoint of the journal, kept outside
}

// truth is what a register holds: for every table that tells of members and acts,
// the rows.
type truth map[string][]string

// told are the tables that must be, row by row, as the acknowledged acts left them.
// The others hold what moves by itself: journal (its checkpoints tell), mails. The
// hash of a certificate is salted anew where it is made anew.
var told = []string{"record", "departure", "duty", "extract", "transfer", "application", "unit", "access_history", "round"}

func truthOf(t testing.TB, db *database.DB) truth {
	t.Helper()
	all := truth{}
	err := db.Read(t.Context(), func(q database.Querier) error {
		for _, table := range told {
			var names string
			if err := q.QueryRow(`SELECT group_concat(name, ', ') FROM pragma_table_info($1) WHERE name <> 'certificate_hash'`, table).Scan(&names); err != nil {
				return err
			}
			rows, err := q.Query(`SELECT ` + names + ` FROM ` + table)
			if err != nil {
				return err
			}
			columns := make([]any, strings.Count(names, ",")+1)
			for rows.Next() {
				values := make([]any, len(columns))
				for i := range values {
					columns[i] = &values[i]
				}
				if err := rows.Scan(columns...); err != nil {
					return err
				}
				line := fmt.Sprintf("%v", values)
				if len(line) > 200 {
					line = fmt.Sprintf("%s… %x", line[:120], sha256.Sum256([]byte(line)))
				}
				all[table] = append(all[table], line)
			}
			if err := rows.Err(); err != nil {
				return err
			}
			rows.Close()
			slices.Sort(all[table])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// beginLife founds a house and watches its disk from the next start on.
func beginLife(t *testing.T, seed uint64, options ...housetest.Option) *chronicle {
	t.Helper()
	dir := faulttest.Scratch(t)
	options = append(options, func(c *app.Config) { c.Data, c.Keys = filepath.Join(dir, "data"), filepath.Join(dir, "keys") })
	l := &chronicle{
		Fixture: housetest.New(t, options...),
		t:       t, rng: rand.New(rand.NewPCG(seed, 7)), keys: map[vault.PersonID][]byte{},
	}
	for _, role := range housetest.Cast {
		if role.Body != "" {
			l.members = append(l.members, l.Person(role.Name))
		}
	}
	l.Must(l.House.Close())
	l.disk = faulttest.Watch(t, dir)
	l.Must(l.Open())
	l.House.Mail.Start()
	l.acked("start", 0)
	return l
}

// acked keeps what is true after an act.
func (l *chronicle) acked(name string, begun int, erased ...vault.PersonID) {
	l.t.Helper()
	if l.silent {
		return
	}
	at := l.disk.Len()
	known, err := l.Journal.Checkpoint(l.Context())
	l.Must(err)
	if n := len(l.acts); n > 0 {
		erased = append(slices.Clone(l.acts[n-1].erased), erased...)
	}
	l.keep()
	l.acts = append(l.acts, lived{name: name, begun: begun, acked: at, truth: truthOf(l.t, l.DB), erased: erased, known: known})
}

// keep keeps every wrapped key that lies in the keyring, to look for it later.
func (l *chronicle) keep() {
	for person, key := range wrappedKeys(l.t, l.Config.Keys) {
		l.keys[person] = key
	}
}

// wrappedKeys reads the Membership keys out of a keyring's file as they lie.
func wrappedKeys(t testing.TB, keys string) map[vault.PersonID][]byte {
	t.Helper()
	const wrapped, inDrawer = 60, 64
	found := map[vault.PersonID][]byte{}
	db, err := database.OpenFile(t.Context(), filepath.Join(keys, "keyring.db"), os.DirFS("../vault/migrations"), database.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(q database.Querier) error {
		rows, err := q.Query(`SELECT id, cells FROM key_drawer WHERE id >> 32 = 1`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var cells []byte
			if err := rows.Scan(&id, &cells); err != nil {
				return err
			}
			for slot := range inDrawer {
				key := bytes.Clone(cells[slot*wrapped : (slot+1)*wrapped])
				if !bytes.Equal(key, make([]byte, wrapped)) {
					found[vault.PersonID((id&(1<<32-1))*inDrawer+int64(slot))] = key
				}
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (l *chronicle) pick(from []vault.PersonID) vault.PersonID { return from[l.rng.IntN(len(from))] }

func (l *chronicle) may(who string, act charter.Acts) access.Scope {
	return l.Scope(who, access.Want{Act: act})
}

// live does a number of random acts.
func (l *chronicle) live(acts int) {
	for range acts {
		begun := l.disk.Len()
		name, erased, err := l.act()
		if err != nil {
			l.t.Fatalf("%s: %v", name, err)
		}
		if name != "" {
			l.acked(name, begun, erased...)
		}
	}
}

// act is one random act.
func (l *chronicle) act() (name string, erased []vault.PersonID, err error) {
	ctx, person := l.Context(), l.pick(l.members)
	switch l.rng.IntN(14) {
	case 0, 1:
		l.created++
		values := map[string]string{"given": "Ny", "family": fmt.Sprintf("Nyborg%d", l.created)}
		if l.rng.IntN(2) == 0 {
			values["email"] = fmt.Sprintf("ny%d@example.dk", l.created)
		}
		person, _, err := l.Members.Create(ctx, l.may("anna", charter.Create), member.Draft{Values: values, Unit: l.Bodies["odense"]})
		l.members = append(l.members, person)
		return "create", nil, err
	case 2:
		_, err = l.Members.Update(ctx, l.may("anna", charter.Edit), person, member.Changes{Values: map[string]string{"town": fmt.Sprintf("By%d", l.rng.IntN(1000))}})
		return "edit", nil, err
	case 3:
		return "object", nil, l.Members.SetObjection(ctx, l.Scope("anna", access.Want{Act: charter.Edit}), person, "newsletter", l.rng.IntN(2) == 0)
	case 4:
		begun := l.disk.Len()
		d, err := l.Extracts.Pull(ctx, l.As("anna"), extract.Wish{Unit: l.Bodies["gentofte"], Purpose: "administration", Format: extract.CSV, Lang: "da"})
		if err != nil {
			return "pull", nil, err
		}
		l.acked("pull", begun)
		return "deliver", nil, d.Write(ctx, new(bytes.Buffer))
	case 5:
		_, err = l.Members.Search(ctx, l.may("anna", charter.Search), member.Query{Text: "a"})
		return "search", nil, err
	case 6:
		_, err = l.SignIn.Begin(ctx, "inger@example.dk", "192.0.2.7:50123", "da")
		return "sign-in", nil, err
	case 7:
		var rows strings.Builder
		rows.WriteString("Fornavn;Efternavn;E-mail\n")
		for range 1 + l.rng.IntN(5) {
			l.created++
			fmt.Fprintf(&rows, "Indlæst;Importsen%d;import%d@example.dk\n", l.created, l.created)
		}
		_, err = l.Members.Import(ctx, l.may("anna", charter.Import), strings.NewReader(rows.String()), member.Options{Unit: l.Bodies["lyngby"]}, nil)
		return "import", nil, err
	case 8:
		bodies := l.Members.Units(person)
		if len(bodies) == 0 || bodies[0] == l.Bodies["lyngby"] {
			return "", nil, nil
		}
		_, err = l.Transfers.Propose(ctx, l.As("anna"), transfer.Wish{Person: person, From: bodies[0], To: l.Bodies["lyngby"]})
		if err != nil {
			err = nil // one waits already, or it is not for them: nothing was done
		}
		return "move", nil, err
	case 9:
		if len(l.closed) == 0 {
			return "", nil, nil
		}
		person = l.pick(l.closed)
		if err = l.Departures.Undo(ctx, l.As("anna"), person); err == nil {
			l.drop(&l.closed, person)
			l.members = append(l.members, person)
		}
		return "undo", nil, err
	case 10, 11:
		if len(l.members) < 4 {
			return "", nil, nil
		}
		if _, err = l.Departures.Close(ctx, l.As("anna"), person, "resignation", true); err == nil {
			l.drop(&l.members, person)
			l.closed = append(l.closed, person)
		}
		return "close", nil, err
	}
	if len(l.closed) == 0 {
		return "", nil, nil
	}
	person = l.pick(l.closed)
	_, err = l.Departures.Confirm(ctx, l.As("bo"), person)
	l.drop(&l.closed, person)
	return "erase", []vault.PersonID{person}, err
}

func (l *chronicle) drop(from *[]vault.PersonID, person vault.PersonID) {
	*from = slices.DeleteFunc(*from, func(p vault.PersonID) bool { return p == person })
}
