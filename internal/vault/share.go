package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kartotek/internal/database"
)

// Share is one of the parts a master key was split into. Like a Master it never
// prints itself by accident: Rows and Text are asked for.
type Share struct {
	set       [4]byte
	number    byte
	threshold byte
	key       [keySize]byte
}

// What a share may be of.
const (
	MostShares      = 32
	LeastThreshold  = 2
	rowGroups       = 3  // of four letters
	rowLetters      = 12 // and one to check them
	ShareRows       = 6
	shareVersion    = 1
	shareBody       = 1 + 4 + 1 + 1 + keySize
	shareCheck      = 6
	shareLetters    = ShareRows * (rowLetters + 1)
	shareTextPrefix = "KARTOTEK-1:"
)

// alphabet is Crockford's base32: no letter that looks like a digit.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var letters32 = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// Set is the set's number as it is printed, Number the share's, Threshold how many
// shares give the key.
func (s *Share) Set() string    { return hex.EncodeToString(s.set[:]) }
func (s *Share) Number() int    { return int(s.number) }
func (s *Share) Threshold() int { return int(s.threshold) }

// Format keeps the share out of whatever prints it.
func (Share) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[share]")) }

// MarshalText is the same for JSON and whatever else asks.
func (Share) MarshalText() ([]byte, error) { return []byte("[share]"), nil }

func (s *Share) append(dst []byte) []byte {
	dst = append(append(dst, shareVersion), s.set[:]...)
	dst = append(dst, s.number, s.threshold)
	dst = append(dst, s.key[:]...)
	return append(dst, shareSum(dst[len(dst)-shareBody:])...)
}

func shareSum(body []byte) []byte {
	sum := sha256.Sum256(append([]byte("kartotek share 1\n"), body...))
	return sum[:shareCheck]
}

// Rows are the share's letters as they are printed and typed: six rows of three
// groups of four, each with a letter that checks the row.
func (s *Share) Rows() (rows [ShareRows]string) {
	text := letters32.EncodeToString(s.append(nil))
	for i := range rows {
		row := text[i*rowLetters : (i+1)*rowLetters]
		rows[i] = strings.Join([]string{row[:4], row[4:8], row[8:], string(rowCheck(i, row))}, " ")
	}
	return rows
}

// Text is the share in one line, for a square to scan.
func (s *Share) Text() string {
	rows := s.Rows()
	return shareTextPrefix + strings.ReplaceAll(strings.Join(rows[:], ""), " ", "")
}

// rowCheck is the letter that checks a row: a sum in GF(32) with another weight at
// each place, so that one wrong letter, two that changed places, and another row's
// letters are always noticed.
func rowCheck(row int, text string) byte {
	sum, weight := byte(row+1), byte(1)
	for i := range rowLetters {
		weight = multiply32(weight, 2)
		sum ^= multiply32(weight, byte(strings.IndexByte(alphabet, text[i])))
	}
	return alphabet[sum&31]
}

func multiply32(a, b byte) (product byte) {
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			product ^= a
		}
		if a <<= 1; a&32 != 0 {
			a ^= 0b100101
		}
	}
	return product
}

// ShareError says what is wrong with shares that somebody typed; Why stands in
// message keys. It names no letter.
type ShareError struct {
	Why        string
	Share, Row int // the n-th that was read, its row; 0: none in particular
	Set, Other string
	Have, Need int
}

func (e *ShareError) Error() string {
	return fmt.Sprintf("vault: shares: %s (share %d, row %d)", e.Why, e.Share, e.Row)
}

// Why shares are refused.
const (
	ShareLength   = "length"   // not as many letters as a row or a share has
	ShareLetter   = "letter"   // a letter that no share has
	ShareRow      = "row"      // a row's check does not fit: mistyped, or not this row
	ShareChecksum = "checksum" // the whole does not fit, though each row does
	ShareVersion  = "version"  // made by another Kartotek
	ShareSets     = "sets"     // of another set than the first
	ShareFew      = "missing"  // fewer than the threshold
	ShareForged   = "forged"   // shares that say they belong together and do not
	ShareOld      = "old"      // the key they give does not open this keyring
)

// ShareReader puts shares together from lines. After an error it stands where it
// stood, so that a row can be typed again.
type ShareReader struct {
	shares []Share
	rows   []string
}

// Shares are those read so far.
func (r *ShareReader) Shares() []Share { return r.shares }

// At is the share and the row that the next line belongs to, from 1.
func (r *ShareReader) At() (share, row int) { return len(r.shares) + 1, len(r.rows) + 1 }

// Need is how many more shares are needed, -1 before the first is read.
func (r *ShareReader) Need() int {
	if len(r.shares) == 0 {
		return -1
	}
	return max(0, int(r.shares[0].threshold)-len(r.shares))
}

// Line takes a row, or a whole share in one line; empty lines are passed over.
// Case, spaces and hyphens do not matter, O is 0, I and L are 1.
func (r *ShareReader) Line(line string) error {
	share, row := r.At()
	text := strings.ToUpper(strings.TrimSpace(line))
	text = strings.TrimPrefix(text, shareTextPrefix)
	text = strings.NewReplacer(" ", "", "\t", "", "-", "", "\u00a0", "", "O", "0", "I", "1", "L", "1").Replace(text)
	if text == "" {
		return nil
	}
	if strings.Trim(text, alphabet) != "" || strings.IndexFunc(text, func(c rune) bool { return !strings.ContainsRune(alphabet, c) }) >= 0 {
		return &ShareError{Why: ShareLetter, Share: share, Row: row}
	}
	rows := append(slices.Clone(r.rows), text)
	if len(text) == shareLetters {
		rows, row = nil, 1
		for part := range slices.Chunk([]byte(text), rowLetters+1) {
			rows = append(rows, string(part))
		}
	}
	for i := row - 1; i < len(rows); i++ {
		if len(rows[i]) != rowLetters+1 {
			return &ShareError{Why: ShareLength, Share: share, Row: i + 1}
		}
		if rowCheck(i, rows[i]) != rows[i][rowLetters] {
			return &ShareError{Why: ShareRow, Share: share, Row: i + 1}
		}
	}
	if len(rows) < ShareRows {
		r.rows = rows
		return nil
	}
	s, why := shareOf(rows)
	if why != "" {
		r.rows = nil
		return &ShareError{Why: why, Share: share}
	}
	r.rows = nil
	return r.add(s, share)
}

// End refuses a share that was begun and not finished.
func (r *ShareReader) End() error {
	if share, row := r.At(); row > 1 {
		return &ShareError{Why: ShareLength, Share: share, Row: row}
	}
	return nil
}

func (r *ShareReader) add(s Share, at int) error {
	for _, other := range r.shares {
		if other == s {
			return nil // typed twice
		}
		if other.set != s.set || other.threshold != s.threshold {
			return &ShareError{Why: ShareSets, Share: at, Set: other.Set(), Other: s.Set()}
		}
		if other.number == s.number {
			return &ShareError{Why: ShareForged, Share: at}
		}
	}
	r.shares = append(r.shares, s)
	return nil
}

// shareOf reads a share whose rows are right.
func shareOf(rows []string) (s Share, why string) {
	text := ""
	for _, row := range rows {
		text += row[:rowLetters]
	}
	b, err := letters32.DecodeString(text)
	if err != nil || !bytes.Equal(b[shareBody:], shareSum(b[:shareBody])) {
		return s, ShareChecksum
	}
	if b[0] != shareVersion || b[5] == 0 || b[6] < LeastThreshold {
		return s, ShareVersion
	}
	copy(s.set[:], b[1:])
	s.number, s.threshold = b[5], b[6]
	copy(s.key[:], b[7:])
	return s, ""
}

// Combine gives the master key that enough shares of one set were made of. Whether
// it is that of a keyring only the keyring tells.
func Combine(shares []Share) (m Master, err error) {
	var r ShareReader
	for i, s := range shares {
		if err := r.add(s, i+1); err != nil {
			return m, err
		}
	}
	if len(r.shares) == 0 || r.Need() > 0 {
		e := &ShareError{Why: ShareFew, Have: len(r.shares)}
		if len(r.shares) > 0 {
			e.Need = int(r.shares[0].threshold)
		}
		return m, e
	}
	points := make([]point, len(r.shares))
	for i := range r.shares {
		points[i] = point{r.shares[i].number, r.shares[i].key[:]}
	}
	secret, fits := together(points, int(r.shares[0].threshold))
	if !fits {
		return m, &ShareError{Why: ShareForged}
	}
	copy(m.key[:], secret)
	clear(secret)
	return m, nil
}

// ErrShareNumbers is a set that is none: fewer than two shares needed, more needed
// than there are, or more than anybody could keep.
var ErrShareNumbers = errors.New("vault: impossible numbers of shares")

// Split splits the master key of now into shares. Shared tells the keyring once
// they are on paper.
func (k *Keyring) Split(shares, threshold int) (set ShareSet, all []Share, err error) {
	if threshold < LeastThreshold || threshold > shares || shares > MostShares {
		return set, nil, ErrShareNumbers
	}
	var id [4]byte
	rand.Read(id[:])
	m := k.master.Load().key
	for _, p := range split(m.key[:], shares, threshold) {
		s := Share{set: id, number: p.x, threshold: byte(threshold)}
		copy(s.key[:], p.y)
		clear(p.y)
		all = append(all, s)
	}
	return ShareSet{ID: all[0].Set(), Shares: shares, Threshold: threshold}, all, nil
}

// Shared notes that a set of shares of the master key of now exists. ErrWrongMaster
// if the keyring was rotated since the set was made.
func (k *Keyring) Shared(ctx context.Context, set ShareSet, rotation int64) error {
	return k.db.Write(ctx, func(tx *database.Tx) error {
		if k.Standing().Rotation != rotation {
			return ErrWrongMaster
		}
		set.At = tx.Now()
		return k.amend(tx, func(s *Standing) { s.Sets = append(s.Sets, set) })
	})
}

// Arrange notes that the master key of now is kept safe in another way, on these
// grounds, which lie sealed; no grounds take it back.
func (k *Keyring) Arrange(ctx context.Context, grounds string) error {
	return k.db.Write(ctx, func(tx *database.Tx) error {
		return k.amend(tx, func(s *Standing) {
			s.Arranged, s.Grounds = time.Time{}, nil
			if grounds != "" {
				s.Arranged = tx.Now()
				s.Grounds = k.master.Load().cipher.Seal(nil, nil, []byte(grounds), []byte{wrapsGrounds})
			}
		})
	})
}

// Grounds are the words that Arrange was given.
func (k *Keyring) Grounds() (string, error) {
	s := k.Standing()
	if s.Grounds == nil {
		return "", nil
	}
	plain, err := k.master.Load().cipher.Open(nil, nil, s.Grounds, []byte{wrapsGrounds})
	if err != nil {
		return "", ErrTampered
	}
	return string(plain), nil
}

// RotationTold notes that the journal knows of a rotation.
func (k *Keyring) RotationTold(ctx context.Context, number int64) error {
	return k.db.Write(ctx, func(tx *database.Tx) error {
		return k.amend(tx, func(s *Standing) { s.Told = max(s.Told, number) })
	})
}

// Adopt notes that the master key of now lies in another place, where it was put.
// ErrWrongMaster if what lies there is another.
func (k *Keyring) Adopt(ctx context.Context, from Source) error {
	if from.Kind == FromPassphrase && k.Standing().Derivation == nil {
		return ErrNoPassphrase
	}
	path, err := from.Path(k.Path())
	if err != nil {
		return err
	}
	if from.Kind != FromPassphrase {
		m, err := loadSource(from.Kind, path)
		if err != nil {
			return err
		}
		if m != k.master.Load().key {
			return ErrWrongMaster
		}
	}
	if from.Kind == FromFile {
		from = tidySource(k.Path(), path)
	}
	err = k.db.Write(ctx, func(tx *database.Tx) error {
		return k.amend(tx, func(s *Standing) { s.Source = from })
	})
	if err == nil {
		k.from.Store(&from)
	}
	return err
}
