package dues

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// A payment reference is fifteen digits, the last a check digit: what card 71 of
// the Danish joint inpayment form has room for, a valid KID, and as many as a
// spreadsheet keeps. It is a person and a running number, encrypted digit for
// digit under a key of the keyring, as a public id is: nobody sees a person or a
// member number in it, two references of one person have nothing in common, and
// there is no table to look it up in, nothing to forget. Of somebody erased it
// leads to an id that leads nowhere.

const (
	referenceDigits = 15
	slots           = 20_954 // running numbers of a person
	half            = 9_486_833
	rounds          = 10

	smallest = 10_000_000_000_000 // fourteen digits without a nought in front
	values   = 9 * smallest       // and so many of them; persons × slots fit
)

// references makes references and reads them.
type references struct{ block cipher.Block }

func newReferences(k *vault.Keyring) (*references, error) {
	block, err := aes.NewCipher(k.MAC("dues reference", nil))
	if err != nil {
		return nil, err
	}
	return &references{block}, nil
}

// mix is the round function: an AES block over the round and one half.
func (r *references) mix(round byte, right uint64) uint64 {
	var b [aes.BlockSize]byte
	b[0] = round
	binary.BigEndian.PutUint64(b[1:], right)
	r.block.Encrypt(b[:], b[:])
	return binary.BigEndian.Uint64(b[:]) % half
}

// permute is a Feistel network over half × half, walked until it lands within
// the values again.
func (r *references) permute(v uint64) uint64 {
	for {
		left, right := v/half, v%half
		for i := range byte(rounds) {
			left, right = right, (left+r.mix(i, right))%half
		}
		if v = left*half + right; v < values {
			return v
		}
	}
}

func (r *references) reverse(v uint64) uint64 {
	for {
		left, right := v/half, v%half
		for i := range byte(rounds) {
			left, right = (right+half-r.mix(rounds-1-i, left))%half, left
		}
		if v = left*half + right; v < values {
			return v
		}
	}
}

// make gives the reference of a person's next running number from one on, and
// the number: by modulus 11 some numbers have no check digit and are passed over.
func (r *references) make(kind string, person vault.PersonID, slot uint32) (string, uint32) {
	for ; ; slot++ {
		v := r.permute(uint64(person)*slots + uint64(slot%slots))
		digits := itoa(v + smallest)
		if check, ok := checkDigit(kind, digits); ok {
			return digits + string(check), slot
		}
	}
}

// read gives the person and running number a reference means; whether there is
// such a charge the person's records tell.
func (r *references) read(reference string) (vault.PersonID, uint32, bool) {
	if len(reference) != referenceDigits {
		return 0, 0, false
	}
	var v uint64
	for i := range referenceDigits - 1 {
		v = v*10 + uint64(reference[i]-'0')
	}
	if v < smallest {
		return 0, 0, false
	}
	v = r.reverse(v - smallest)
	if v/slots >= 1<<32 {
		return 0, 0, false
	}
	return vault.PersonID(v / slots), uint32(v % slots), true
}

func itoa(v uint64) string {
	var b [20]byte
	i := len(b)
	for ; v > 0; v /= 10 {
		i--
		b[i] = byte('0' + v%10)
	}
	return string(b[i:])
}

// checkDigit gives the digit that goes behind others. Modulus 10 serves FI and
// KID10 alike: from the right every other digit is doubled and its digits added.
// Modulus 11 weighs by 2 to 7 from the right; where it gives ten there is none
// (banks write a hyphen; we leave such numbers out).
func checkDigit(kind, digits string) (byte, bool) {
	if kind == charter.ReferenceKID11 {
		sum, weight := 0, 2
		for i := len(digits) - 1; i >= 0; i-- {
			sum += int(digits[i]-'0') * weight
			if weight++; weight > 7 {
				weight = 2
			}
		}
		check := (11 - sum%11) % 11
		return byte('0' + check), check < 10
	}
	sum, double := 0, true
	for i := len(digits) - 1; i >= 0; i-- {
		n := int(digits[i] - '0')
		if double {
			n = n*2/10 + n*2%10
		}
		sum, double = sum+n, !double
	}
	return byte('0' + (10-sum%10)%10), true
}

// Verify reports whether the last digit of a reference is the check digit of the
// others.
func Verify(kind, reference string) bool {
	n := len(reference) - 1
	if n < 1 || strings.Trim(reference, "0123456789") != "" {
		return false
	}
	check, ok := checkDigit(kind, reference[:n])
	return ok && check == reference[n]
}

// betweenDigits drops what people and banks write between the digits.
var betweenDigits = strings.NewReplacer(" ", "", "\u00a0", "", ".", "", "'", "")

// TidyReference takes what people and banks write around the digits away: a card
// kind and creditor number, spaces, points, noughts in front that fill a field.
func TidyReference(text string) string {
	text = strings.TrimSpace(text)
	if at := strings.IndexByte(text, '<'); at >= 0 { // +71<000000000000000+12345678<
		text = text[at+1:]
		if at = strings.IndexAny(text, "+<"); at >= 0 {
			text = text[:at]
		}
	}
	text = betweenDigits.Replace(text)
	if len(text) > 3 && strings.EqualFold(text[:3], "kid") {
		text = strings.TrimLeft(text[3:], ":-")
	}
	if len(text) > referenceDigits {
		if short := strings.TrimLeft(text, "0"); len(short) <= referenceDigits {
			return strings.Repeat("0", referenceDigits-len(short)) + short
		}
	}
	return text
}

// Payment is how somebody pays, as it stands on a bill: card and line of the
// Danish form, or account and KID.
type Payment struct {
	FI        string // +71<123456789012345+12345678<
	Account   string // 1234.56.78903
	KID       string
	Reference string // in groups, for reading aloud
}

// payment puts together what a bill says.
func payment(kind, payee, reference string) Payment {
	p := Payment{Reference: grouped(reference)}
	if kind == charter.ReferenceFI {
		p.FI = "+71<" + reference + "+" + payee + "<"
		return p
	}
	p.KID, p.Account = reference, payee
	if locale.NorwegianAccount(payee) {
		p.Account = payee[:4] + "." + payee[4:6] + "." + payee[6:]
	}
	return p
}

// grouped writes digits in groups of three.
func grouped(digits string) string {
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && i%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
