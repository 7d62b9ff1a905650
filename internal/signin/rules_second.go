package signin

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"
)

const (
	// Recent is how long after a second factor was shown what is grave may be
	// begun, and RecentDone until when it may be finished.
	Recent     = 10 * time.Minute
	RecentDone = 30 * time.Minute
	// SetUp is how long after the code by mail the first second factor may be made:
	// an app has to be found and installed meanwhile.
	SetUp = time.Hour

	// DeviceLife is how long a remembered device is let in without a code by mail.
	DeviceLife = 30 * 24 * time.Hour
	// WayLife is how long the one-time code of a recovery is good, and how long the
	// first of two officers waits for the second.
	WayLife = 24 * time.Hour

	ceremonyLife = 10 * time.Minute // between a passkey's question and its answer
	addressLife  = codeLife

	// CodesMade is how many recovery codes are printed.
	CodesMade = 10

	nameLength = 60 // of a factor's name, in characters

	appPeriod = 30 // seconds of an app's code
	appSkew   = 1  // periods a clock may be off, either way
)

// Limits on the second factor of a person. They count wrong answers; whoever gives
// one has come through the mail, or the device, already. Twenty of a million codes
// a day, three good at a time, are one chance in seventeen thousand a day, and the
// person is told by mail.
var (
	wrongSecond   = limit{"second", 5, 15 * time.Minute}
	wrongSecondIn = limit{"second.day", 20, 24 * time.Hour}
	addressCodes  = limit{"address", 5, time.Hour}
)

// shortAlphabet has no letters that look like digits.
var shortAlphabet = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// newShort makes a random code for paper and mail, in groups of four characters of
// five bits each.
func newShort(groups int) string {
	b := make([]byte, (groups*4*5+7)/8)
	rand.Read(b) // never fails
	text := shortAlphabet.EncodeToString(b)
	var parts []string
	for i := range groups {
		parts = append(parts, text[4*i:4*i+4])
	}
	return strings.Join(parts, "-")
}

const (
	codeGroups = 3 // 60 bits: a recovery code
	wayGroups  = 4 // 80 bits: the one-time code that opens the door alone
)

// plainShort takes a code as people type it: any case, with or without strokes.
func plainShort(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '2' && r <= '9':
			return r
		}
		return -1
	}, typed)
}

// shortName is a factor's name as it is kept.
func shortName(typed, otherwise string) string {
	name := []rune(strings.Join(strings.Fields(typed), " "))
	if len(name) == 0 {
		return otherwise
	}
	if len(name) > nameLength {
		name = name[:nameLength]
	}
	return string(name)
}
