package signin

import (
	"fmt"
	"testing"
	"time"
)

func TestParseCode(t *testing.T) {
	for typed, want := range map[string]string{
		"123456": "123456", " 123 456\n": "123456", "1 2 3 4 5 6": "123456", "000000": "000000",
		"12345": "", "1234567": "", "12345a": "", "１２３４５６": "", "": "",
	} {
		if got, ok := parseCode(typed); got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q, %v", typed, got, ok)
		}
	}
}

func TestCodesAreSixDigits(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		code, err := newCode()
		if _, ok := parseCode(code); err != nil || !ok {
			t.Fatal(code, err)
		}
		seen[code] = true
	}
	if len(seen) < 190 {
		t.Errorf("%d different ones of 200", len(seen))
	}
}

func TestNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "192.0.2.7:1234": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "[2001:db8:1:2::9]:80": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "@": "", "": "",
	} {
		if got := network(remote); got != want {
			t.Errorf("%q: %q, want %q", remote, got, want)
		}
	}
}

func TestNetworksAreBounded(t *testing.T) {
	clock := &watch{now: time.Unix(0, 0)}
	n := newNetworks(limit{"", 2, time.Minute}, clock.Now)
	for i := range mostNetworks + 10 {
		n.take(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	if len(n.seen) > mostNetworks+1 {
		t.Errorf("%d networks in memory", len(n.seen))
	}
	if n.wait("192.0.2.1") == 0 {
		t.Error("the ones beyond the bound do not share a count")
	}
	if n.wait("10.0.0.0") != 0 {
		t.Error("one event was counted as two")
	}
	clock.add(time.Minute)
	if n.wait("192.0.2.1") != 0 {
		t.Error("a window never ends")
	}
	n.tidy()
	if len(n.seen) != 0 {
		t.Error("what ended is kept")
	}
}
