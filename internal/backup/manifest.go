package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/fault"
	"kartotek/internal/place"
)

// A manifest is three parts after a line with their lengths: a note signed by
// the keyring, the names of the chunks in their order, and, encrypted, what the
// chunks are. The first two tell nobody anything but numbers, so that whoever
// may not read an archive can list, check and thin out archives.
//
//	kartotek archive 1 412 5311 2208
//	kartotek/backup                      the note
//	archive 20261122T011500Z-5f0c7a1e
//	keyring 0b3f…
//	at 2026-11-22T01:15:00.123456Z
//	rows 4711
//	for 9c2e…                            whoever can read it, as a hash
//	chunks 9d40…                         hash of the second part
//	contents 77aa…                       hash of the third
//
//	— kartotek/backup+8f3c… Az3g…
const manifestMagic = "kartotek archive 1"

const (
	longestHead = 200
	longestNote = 16 << 10
	longestList = 64 << 20
)

// contents is the manifest's encrypted part: JSON, with unknown fields ignored
// and none ever given another meaning.
type contents struct {
	Format     int       `json:"format"`
	Engine     string    `json:"engine"` // that wrote it; either reads it
	Schema     int64     `json:"schema"` // the newest migration
	At         time.Time `json:"at"`
	Charter    string    `json:"charter"`
	Checkpoint string    `json:"checkpoint,omitempty"` // of the journal, signed right before
	Ledger     int64     `json:"ledger"`               // entries of the keyring's ledger then
	Persons    uint32    `json:"persons"`              // the last person id issued then
	Tables     []table   `json:"tables"`
}

// table is one table of an archive; its chunks follow those of the table before.
type table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
	Chunks  []int64  `json:"chunks"` // rows of each
}

const contentsFormat = 1

// manifest is a manifest read.
type manifest struct {
	Archive
	mark    [32]byte
	sealed  []byte // the third part; nil where only the others were read
	isSound bool   // signature and hashes were found right
}

// newID names an archive: by its time, so that names sort, and at random.
func newID(at time.Time) string {
	var random [4]byte
	rand.Read(random[:])
	return at.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}

// idTime reads the time in a name; false for what is no archive's name.
func idTime(id string) (time.Time, bool) {
	stamp, random, ok := strings.Cut(id, "-")
	at, err := time.Parse("20060102T150405Z", stamp)
	if _, bad := hex.DecodeString(random); !ok || err != nil || bad != nil || len(random) != 8 {
		return time.Time{}, false
	}
	return at, true
}

func listOf(chunks []Chunk) []byte {
	var b bytes.Buffer
	for _, c := range chunks {
		fmt.Fprintf(&b, "%s %d\n", c.Name, c.Bytes)
	}
	return b.Bytes()
}

func parseList(text []byte) ([]Chunk, bool) {
	var chunks []Chunk
	for line := range bytes.Lines(text) {
		name, size, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		_, _, named := hashes(name)
		n, err := strconv.ParseInt(size, 10, 64)
		if !ok || !named || err != nil || n <= 0 || n > longestChunk {
			return nil, false
		}
		chunks = append(chunks, Chunk{name, n})
	}
	return chunks, bytes.Equal(listOf(chunks), text)
}

// noteOf is the signed text.
func (m *manifest) noteOf(list, sealed []byte) string {
	return fmt.Sprintf("%s\narchive %s\nkeyring %s\nat %s\nrows %d\nfor %x\nchunks %x\ncontents %x\n",
		origin, m.ID, m.Keyring, m.At.UTC().Format(time.RFC3339Nano), m.Rows, m.mark, sha256.Sum256(list), sha256.Sum256(sealed))
}

// encode signs a manifest with the keyring and gives its bytes.
func (m *manifest) encode(signer note.Signer) ([]byte, error) {
	list := listOf(m.Chunks)
	signed, err := note.Sign(&note.Note{Text: m.noteOf(list, m.sealed)}, signer)
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("%s %d %d %d\n", manifestMagic, len(signed), len(list), len(m.sealed))
	return slices.Concat([]byte(head), signed, list, m.sealed), nil
}

// errShort and errForm say what is wrong with a manifest's form.
var (
	errShort = errors.New("backup: the manifest ends early")
	errForm  = errors.New("backup: not a manifest")
)

// parts splits a manifest; sealed may be left unread.
func parts(in io.Reader, whole bool) (signed, list, sealed []byte, err error) {
	head, err := readLine(in)
	if err != nil {
		return nil, nil, nil, err
	}
	var lengths [3]int64
	rest, ok := strings.CutPrefix(head, manifestMagic+" ")
	if _, err := fmt.Sscanf(rest, "%d %d %d", &lengths[0], &lengths[1], &lengths[2]); !ok || err != nil ||
		head != fmt.Sprintf("%s %d %d %d", manifestMagic, lengths[0], lengths[1], lengths[2]) {
		return nil, nil, nil, errForm
	}
	read := make([][]byte, 3)
	for i, most := range []int64{longestNote, longestList, longestList} {
		if lengths[i] < 0 || lengths[i] > most {
			return nil, nil, nil, errForm
		}
		if i == 2 && !whole {
			break
		}
		if read[i], err = io.ReadAll(io.LimitReader(in, lengths[i])); err != nil {
			return nil, nil, nil, err
		}
		if int64(len(read[i])) < lengths[i] {
			return nil, nil, nil, errShort
		}
	}
	if whole {
		if n, err := io.ReadFull(in, make([]byte, 1)); n > 0 {
			return nil, nil, nil, errForm
		} else if !errors.Is(err, io.EOF) {
			return nil, nil, nil, err
		}
	}
	return read[0], read[1], read[2], nil
}

func readLine(in io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) <= longestHead {
		_, err := io.ReadFull(in, one)
		if errors.Is(err, io.EOF) {
			return "", errShort
		}
		if err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return string(line), nil
		}
		line = append(line, one[0])
	}
	return "", errForm
}

// parseNote reads the signed text; only what noteOf would write passes. The
// signature is not looked at.
func parseNote(text string) (m manifest, list, sealed string, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 9 || lines[8] != "" || lines[0] != origin {
		return m, "", "", errForm
	}
	values := make([]string, 8)
	for i, name := range []string{"archive", "keyring", "at", "rows", "for", "chunks", "contents"} {
		value, ok := strings.CutPrefix(lines[i+1], name+" ")
		if !ok {
			return m, "", "", errForm
		}
		values[i] = value
	}
	m.ID, m.Keyring = values[0], values[1]
	var errTime, errRows error
	m.At, errTime = time.Parse(time.RFC3339Nano, values[2])
	m.Rows, errRows = strconv.ParseInt(values[3], 10, 64)
	mark, errMark := hex.DecodeString(values[4])
	if err := errors.Join(errTime, errRows, errMark); err != nil || len(mark) != len(m.mark) || m.Rows < 0 {
		return m, "", "", errForm
	}
	copy(m.mark[:], mark)
	return m, values[5], values[6], nil
}

// read reads a manifest. Whole, it is held against its signature; otherwise the
// encrypted part is left out. What is wrong is told as a refusal.
func (r *Reader) read(ctx context.Context, p place.Place, id string, whole bool) (*manifest, error) {
	in, err := p.Get(ctx, archivePrefix+id)
	if errors.Is(err, place.ErrNone) {
		return nil, fault.New(fault.NotFound, "backup.error.no_archive", "archive", id)
	}
	if err != nil {
		return nil, err
	}
	signed, list, sealed, err := parts(in, whole)
	closed := in.Close()
	switch {
	case errors.Is(err, errShort):
		return nil, refused(truncated, id).Because(err)
	case errors.Is(err, errForm):
		return nil, refused(damaged, id).Because(err)
	case err != nil || closed != nil:
		return nil, errors.Join(err, closed)
	}
	return r.judge(id, signed, list, sealed, whole)
}

// judge holds the parts of a manifest against each other and its signature.
func (r *Reader) judge(id string, signed, list, sealed []byte, whole bool) (*manifest, error) {
	text, _, found := bytes.Cut(signed, []byte("\n\n"))
	if !found {
		return nil, refused(damaged, id).Because(errForm)
	}
	m, listHash, sealedHash, err := parseNote(string(text) + "\n")
	if err != nil {
		return nil, refused(damaged, id).Because(err)
	}
	var ok bool
	if m.Chunks, ok = parseList(list); !ok {
		return nil, refused(damaged, id).Because(errForm)
	}
	for _, c := range m.Chunks {
		m.Bytes += c.Bytes
	}
	if m.Keyring != keyringID(r.ring) {
		return &m, refused(foreign, id)
	}
	opened, err := note.Open(signed, note.VerifierList(r.verifier))
	if err != nil {
		return &m, refused(forged, id).Because(err)
	}
	if opened.Text != string(text)+"\n" || m.ID != id {
		return &m, refused(reordered, id)
	}
	if listHash != hex.EncodeToString(sum(list)) {
		return &m, refused(reordered, id)
	}
	if whole {
		if sealedHash != hex.EncodeToString(sum(sealed)) {
			return &m, refused(damaged, id)
		}
		m.sealed = sealed
		m.Bytes += int64(len(sealed))
	}
	m.isSound = true
	return &m, nil
}

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

// open decrypts what the chunks are.
func (m *manifest) open(r *Reader) (*contents, error) {
	plain, err := unshut(m.sealed, r.identities, nil)
	if errors.Is(err, errLocked) {
		return nil, refused(locked, m.ID)
	}
	if err != nil {
		return nil, refused(damaged, m.ID).Because(err)
	}
	var c contents
	if err := json.Unmarshal(plain, &c); err != nil {
		return nil, refused(damaged, m.ID)
	}
	if c.Format > contentsFormat {
		return nil, refused(newer, m.ID)
	}
	var rows int64
	chunks := 0
	for _, t := range c.Tables {
		var in int64
		for _, n := range t.Chunks {
			in += n
		}
		if in != t.Rows {
			return nil, refused(damaged, m.ID)
		}
		rows += t.Rows
		chunks += len(t.Chunks)
	}
	if rows != m.Rows || chunks != len(m.Chunks) {
		return nil, refused(reordered, m.ID)
	}
	return &c, nil
}
