package web

import (
	"net/http"
	"net/netip"
	"testing"
)

// Limits count the visitor, not the proxy, and no visitor chooses whom they count.
func TestClientBehindProxies(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer, x, forwarded, want string
	}{
		{"no proxy", "198.51.100.7:40000", "", "", "198.51.100.7:40000"},
		{"a stranger's header", "198.51.100.7:40000", "203.0.113.9", "for=203.0.113.9", "198.51.100.7:40000"},
		{"one proxy", "10.0.0.2:443", "198.51.100.7", "", "198.51.100.7"},
		{"what the visitor wrote stands before", "10.0.0.2:443", "1.2.3.4, 198.51.100.7", "", "198.51.100.7"},
		{"two proxies", "10.0.0.2:443", "1.2.3.4, 198.51.100.7, 10.1.1.1", "", "198.51.100.7"},
		{"Forwarded", "10.0.0.2:443", "", `for=1.2.3.4, For="[2001:db8::7]:4711";proto=https`, "2001:db8::7"},
		{"both agree", "10.0.0.2:443", "198.51.100.7", "for=198.51.100.7", "198.51.100.7"},
		{"both differ", "10.0.0.2:443", "198.51.100.7", "for=203.0.113.9", "10.0.0.2:443"},
		{"hidden", "10.0.0.2:443", "", "for=unknown", "10.0.0.2:443"},
		{"garbage", "10.0.0.2:443", "x y z", "", "10.0.0.2:443"},
		{"only proxies", "10.0.0.2:443", "10.0.0.9", "", "10.0.0.2:443"},
		{"IPv6 proxy", "[fd00::1]:443", "2001:db8::9", "", "2001:db8::9"},
		{"an IPv4 address in IPv6", "[::ffff:10.0.0.2]:443", "198.51.100.7", "", "198.51.100.7"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.x != "" {
			r.Header.Set("X-Forwarded-For", c.x)
		}
		if c.forwarded != "" {
			r.Header.Set("Forwarded", c.forwarded)
		}
		if got := client(r, own); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := client(r, nil); got != c.peer {
			t.Errorf("%s: without proxies of our own %s is believed", c.name, got)
		}
	}
}
