package vault

import (
	"crypto/rand"
	"errors"
	"strings"
	"unicode"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Derivation is how a passphrase becomes a master key: Argon2id (RFC 9106) with
// this salt and these costs. It stands in the keyring, so every copy of the keyring
// has it, and another passphrase comes with another salt.
type Derivation struct {
	Salt    []byte `json:"salt"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// usual is what a new passphrase costs: four times the memory that RFC 9106
// recommends where memory is scarce, half a second on a small machine. Whoever
// steals a keyring pays it for every guess.
var usual = Derivation{Time: 3, Memory: 256 << 10, Threads: 4}

// What a keyring may ask for: less is too little, more would be an attack on
// whoever opens it.
const (
	saltSize   = 16
	mostTime   = 64
	mostMemory = 4 << 20 // KiB
	leastCost  = 8       // KiB of memory a thread, by the RFC
)

func newDerivation() Derivation {
	d := usual
	d.Salt = make([]byte, saltSize)
	rand.Read(d.Salt)
	return d
}

// Derive gives the master key of a passphrase.
func (d *Derivation) Derive(passphrase string) (m Master, err error) {
	if len(d.Salt) < saltSize || d.Time == 0 || d.Time > mostTime || d.Threads == 0 ||
		d.Memory < leastCost*uint32(d.Threads) || d.Memory > mostMemory {
		return m, errDerivation
	}
	text := []byte(evenOut(passphrase))
	defer clear(text)
	key := argon2.IDKey(text, d.Salt, d.Time, d.Memory, d.Threads, keySize)
	copy(m.key[:], key)
	clear(key)
	return m, nil
}

// evenOut makes what looks the same the same: keyboards and systems spell å in two
// ways, and a space in several.
func evenOut(passphrase string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, strings.TrimRight(passphrase, "\r\n")))
}

// WeakError says why a passphrase is refused; its word stands in message keys.
type WeakError struct{ Why string }

func (e *WeakError) Error() string { return "vault: weak passphrase: " + e.Why }

// Why a passphrase is weak.
const (
	WeakShort   = "short"   // fewer than shortest characters
	WeakFew     = "poor"    // few different ones
	WeakPattern = "pattern" // one part again and again, or rows of the keyboard or alphabet
	WeakKnown   = "known"   // hardly more than words everybody tries first
)

const (
	shortest  = 16 // characters; four random words have more
	different = 7
	own       = 12 // characters that no pattern and no well-known word explains
)

// rows are what fingers and memory run along.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyzæøå", "zyxwvutsrqponmlkjihgfedcba", "01234567890", "09876543210",
	"qwertyuiopå", "asdfghjklæø", "asdfghjkløæ", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz", "1qaz2wsx3edc4rfv", "!@#$%^&*()", "!\"#¤%&/()=",
}

// words are what is tried first, in the languages of those who will choose.
var words = []string{
	"kartotek", "master", "password", "passphrase", "passord", "passordet", "kodeord", "kodeordet", "adgangskode", "passfrase",
	"hemmelig", "hemmelighed", "hemmelighet", "secret", "letmein", "welcome", "velkommen", "admin", "administrator", "medlem", "medlemmer",
	"medlemsregister", "register", "forening", "foreningen", "klubben", "klubb", "partiet", "parti", "sekretariat", "sommer", "vinter",
	"summer", "winter", "januar", "februar", "danmark", "norge", "københavn", "oslo", "iloveyou", "jegelskerdig", "correcthorsebatterystaple",
	"correct horse battery staple", "2024", "2025", "2026", "2027",
}

// Weakness tells why a new passphrase is refused, "" if it is not. It cannot know
// whether words were chosen by chance: it refuses what is surely weak.
func Weakness(passphrase string) (why string) {
	text := strings.ToLower(evenOut(passphrase))
	letters := []rune(text)
	if len(letters) < shortest {
		return WeakShort
	}
	seen := map[rune]bool{}
	for _, r := range letters {
		seen[r] = true
	}
	if len(seen) < different {
		return WeakFew
	}
	for _, word := range words {
		text = strings.ReplaceAll(text, word, " ")
	}
	if len([]rune(strings.Join(strings.Fields(text), ""))) < own {
		return WeakKnown
	}
	if surprising([]rune(text)) < own {
		return WeakPattern
	}
	return ""
}

// surprising counts the characters that neither continue a row nor repeat what
// stood before.
func surprising(letters []rune) (count int) {
	for i := 0; i < len(letters); {
		n := max(along(letters[i:]), again(letters, i), 1)
		if letters[i] != ' ' {
			count++
		}
		i += n
	}
	return count
}

// along is how many letters, three or more, run along a row.
func along(letters []rune) (longest int) {
	for _, row := range rows {
		r := []rune(row)
		for at := range r {
			n := 0
			for at+n < len(r) && n < len(letters) && r[at+n] == letters[n] {
				n++
			}
			longest = max(longest, n)
		}
	}
	if longest < 3 {
		return 0
	}
	return longest
}

// again is how many letters from i, three or more, stood together before, or are
// the letter before them.
func again(letters []rune, i int) (longest int) {
	for from := range i {
		n := 0
		for i+n < len(letters) && letters[from+n] == letters[i+n] {
			n++
		}
		longest = max(longest, n)
	}
	if longest < 3 && (i == 0 || letters[i] != letters[i-1]) {
		return 0
	}
	return longest
}

var (
	errDerivation = errors.New("vault: impossible costs of a passphrase")

	ErrWrongPassphrase = errors.New("vault: wrong passphrase")
	ErrNoPassphrase    = errors.New("vault: the keyring is not under a passphrase")
	ErrNobodyToAsk     = errors.New("vault: nobody can be asked for the passphrase")
	ErrNoCredentials   = errors.New("vault: no systemd credentials here")
	ErrCredentialName  = errors.New("vault: not a name of a systemd credential")
)
