package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client is the network address a request comes from: the connection's, or, where
// that is one of our own proxies, the one the proxy saw. Of a chain it is the last
// that is not a proxy of ours; what stands before it anybody may have written. Where
// X-Forwarded-For and Forwarded tell different things one of them is the visitor's
// own, so neither is believed.
func client(r *http.Request, proxies []netip.Prefix) string {
	peer, ok := address(r.RemoteAddr)
	if !ok || !trusted(peer, proxies) {
		return r.RemoteAddr
	}
	x, xok := outermost(strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ","), proxies)
	f, fok := outermost(forwarded(r.Header.Values("Forwarded")), proxies)
	switch {
	case xok && fok && x != f:
		return r.RemoteAddr
	case xok:
		return x.String()
	case fok:
		return f.String()
	}
	return r.RemoteAddr
}

// outermost walks a chain of addresses from its end, over our own proxies.
func outermost(chain []string, proxies []netip.Prefix) (netip.Addr, bool) {
	for _, text := range slices.Backward(chain) {
		at, ok := address(strings.TrimSpace(text))
		if !ok {
			return netip.Addr{}, false
		}
		if !trusted(at, proxies) {
			return at, true
		}
	}
	return netip.Addr{}, false
}

// forwarded are the for= of Forwarded headers (RFC 7239), in order.
func forwarded(headers []string) (chain []string) {
	for _, element := range strings.Split(strings.Join(headers, ","), ",") {
		for _, pair := range strings.Split(element, ";") {
			if name, value, found := strings.Cut(strings.TrimSpace(pair), "="); found && strings.EqualFold(name, "for") {
				chain = append(chain, strings.Trim(value, `"`))
			}
		}
	}
	return chain
}

// address reads an address with or without port, as proxies write them.
func address(text string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	at, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return at.Unmap().WithZone(""), err == nil
}

func trusted(at netip.Addr, proxies []netip.Prefix) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}
