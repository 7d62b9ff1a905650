package journal

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawBody(t *rapid.T) *body {
	text := rapid.StringN(0, 12, 40)
	b := &body{
		Entry: Entry{
			Act:     rapid.SampledFrom(Acts()).Draw(t, "act"),
			Actor:   rapid.Uint32().Draw(t, "actor"),
			Post:    text.Draw(t, "post"),
			Unit:    rapid.Uint32().Draw(t, "unit"),
			Right:   text.Draw(t, "right"),
			Via:     text.Draw(t, "via"),
			OSUser:  text.Draw(t, "user"),
			Purpose: text.Draw(t, "purpose"),
			Target:  rapid.Uint32().Draw(t, "target"),
			Reason:  text.Draw(t, "reason"),
			Number:  rapid.Int64().Draw(t, "number"),
			Reading: rapid.Int64().Draw(t, "reading"),
		},
		at:    rapid.Int64().Draw(t, "at"),
		count: rapid.Uint64().Draw(t, "count"),
	}
	if f := rapid.SliceOfN(text, 0, 5).Draw(t, "fields"); len(f) > 0 {
		b.Fields = f
	}
	if p := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "proof"); len(p) > 0 {
		b.Proof = p
	}
	if p := rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, "persons"); len(p) > 0 {
		b.persons = p
	}
	return b
}

func TestBodyIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawBody(t)
		got, err := decodeBody(appendBody(nil, want))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// The form as it stands in every journal there is.
func TestBodyForm(t *testing.T) {
	b := &body{
		Entry: Entry{Act: Opened, Actor: 300, Post: "chair", Unit: 7, Right: "post", Via: "web", OSUser: "u", Purpose: "dues", Target: 8,
			Fields: []string{"email", "phone"}, Reason: "r", Number: 9, Reading: 10, Proof: []byte{1}},
		at: 1_700_000_000_000_000, count: 2, persons: []byte{0xaa},
	}
	const want = "01088080f9c0c1c48203100218ac022205636861697228073204706f73743a03776562420175" +
		"4a04647565735008" + "5a05656d61696c5a0570686f6e65" + "620172" + "6809" + "700a" + "7a0101" + "800102" + "8a0101aa"
	if got := hex.EncodeToString(appendBody(nil, b)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if got := hex.EncodeToString(commitment([]byte("salt"), []byte("body"))); got != "bef204d0c356992302d9619dd4975ebcc7712935c74e168cadb0a31ad7e9c830" {
		t.Errorf("commitment %s", got)
	}
	l := leaf{id: 1, keepUntil: 2, commitment: bytes.Repeat([]byte{3}, 32)}
	if got, want := hex.EncodeToString(l.record()), hex.EncodeToString([]byte("kartotek journal leaf 1\x00"))+
		"0000000000000001"+"0000000000000002"+"0303030303030303030303030303030303030303030303030303030303030303"; got != want {
		t.Errorf("record %s", got)
	}
}

func TestBodyIsReadInNoOtherForm(t *testing.T) {
	for name, src := range map[string]string{
		"nothing":           "",
		"version":           "02",
		"a zero":            "011000",
		"out of order":      "0118011001",
		"twice":             "0110011002",
		"overlong varint":   "01108100",
		"too big an act":    "01108002",
		"unknown field":     "019a0101",
		"field of two ways": "01120101",
		"cut":               "012205636861",
		"fixed width":       "010d01020304",
	} {
		raw, err := hex.DecodeString(src)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := decodeBody(raw); err == nil {
			t.Errorf("%s was read as %+v", name, b)
		}
	}
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add([]byte{bodyVersion})
	f.Add(appendBody(nil, &body{Entry: Entry{Act: List, Actor: 5, Fields: []string{"", "email"}, Number: -1}, at: -5, count: 1, persons: []byte("x")}))
	f.Add([]byte{bodyVersion, 0x10, 0x81, 0x00})
	f.Fuzz(func(t *testing.T, src []byte) {
		b, err := decodeBody(src)
		if err == nil && !bytes.Equal(appendBody(nil, b), src) {
			t.Errorf("% x was read, but is written otherwise", src)
		}
	})
}

func TestRetention(t *testing.T) {
	const at = 1_000_000
	for _, c := range []struct {
		keep time.Duration
		want int64
	}{
		{0, at + DefaultKeep.Microseconds()}, {time.Hour, at + 3_600_000_000}, {Forever, forever},
	} {
		if got := (&Entry{Keep: c.keep}).end(at, 0); got != c.want {
			t.Errorf("%v ends at %d", c.keep, got)
		}
	}
	if !instant(forever).IsZero() || instant(at).Unix() != 1 {
		t.Error("instants are read wrongly")
	}
}

func TestSealBindsEverything(t *testing.T) {
	key, text := []byte("key"), []byte("body")
	salt := append(bytes.Repeat([]byte{1}, nonceLength), make([]byte, sealLength)...)
	copy(salt[nonceLength:], seal(key, 1, 2, salt[:nonceLength], text))
	if !sealed(key, 1, 2, salt, text) {
		t.Fatal("the own seal is refused")
	}
	other := bytes.Clone(salt)
	other[0]++
	for name, ok := range map[string]bool{
		"key": sealed([]byte("kez"), 1, 2, salt, text), "id": sealed(key, 2, 2, salt, text), "end": sealed(key, 1, 3, salt, text),
		"nonce": sealed(key, 1, 2, other, text), "body": sealed(key, 1, 2, salt, []byte("bodi")),
		"length": sealed(key, 1, 2, salt[:31], text), "nothing": sealed(key, 1, 2, nil, nil),
	} {
		if ok {
			t.Errorf("another %s passes", name)
		}
	}
}
