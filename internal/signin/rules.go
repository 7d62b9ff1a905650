package signin

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	codeLife = 15 * time.Minute // how long a code is good, and a choice after it
	attempts = 5                // wrong answers to one code, and to one choice
	demoLife = 24 * time.Hour

	digits = 6
)

// limit allows a number of events in a window that begins with the first of them.
type limit struct {
	name   string
	most   int
	window time.Duration
}

// Limits on an address, on a person and on all together are kept in the register,
// so that no restart gives new attempts. Their subject is a keyed digest.
//
// Somebody who guesses at one address has 30 of a million codes a day: 1 % in a
// year, during which the victim gets six mails a day and reads of each try in the
// journal. That the same makes it possible to keep somebody out for a day is the
// price; the secretariat can be called.
var (
	codesPerAddress = limit{"codes", 5, time.Hour}
	wrongPerAddress = limit{"wrong", 30, 24 * time.Hour}
	wrongPerPerson  = limit{"choice", 10, 24 * time.Hour}
	codesInAll      = limit{"all", 2000, 10 * time.Minute}
)

// Limits on a network address are kept in memory: they only slow a machine down,
// and a list of addresses on disk would be one more trace of people. They are wide,
// because a general meeting signs in through one router.
var (
	codesPerNetwork = limit{"network", 100, 10 * time.Minute}
	wrongPerNetwork = limit{"network", 50, 10 * time.Minute}
)

// newTicket makes a secret for a browser: 130 random bits as 26 letters and digits.
func newTicket() string { return rand.Text() }

// newCode makes six random digits.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", digits, n), nil
}

// parseCode takes a typed code: six digits, with spaces wherever people put them.
func parseCode(typed string) (string, bool) {
	code := strings.Join(strings.Fields(typed), "")
	if len(code) != digits {
		return "", false
	}
	for _, c := range []byte(code) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return code, true
}

// network gives what of a network address is counted: an IPv4 address, or the /64
// that one IPv6 customer has at least. What is no address counts as one network.
func network(remote string) string {
	if at, err := netip.ParseAddrPort(remote); err == nil {
		remote = at.Addr().String()
	}
	ip, err := netip.ParseAddr(remote)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.Prefix(64) // 64 bits fit an IPv6 address
	return prefix.String()
}

// networks counts events by network.
type networks struct {
	limit limit
	clock func() time.Time

	mu   sync.Mutex
	seen map[string]count
}

type count struct {
	used int
	ends time.Time
}

// mostNetworks bounds the memory a flood can take. Further networks share one count.
const mostNetworks = 1 << 16

func newNetworks(l limit, clock func() time.Time) *networks {
	return &networks{limit: l, clock: clock, seen: map[string]count{}}
}

// wait is how long a network must wait; 0 when it need not.
func (n *networks) wait(remote string) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock()
	c := n.seen[n.name(network(remote), now)]
	if c.used < n.limit.most || !now.Before(c.ends) {
		return 0
	}
	return c.ends.Sub(now)
}

// take counts one event.
func (n *networks) take(remote string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock()
	name := n.name(network(remote), now)
	c := n.seen[name]
	if !now.Before(c.ends) {
		c = count{ends: now.Add(n.limit.window)}
	}
	c.used++
	n.seen[name] = c
}

// name is the network itself, or the shared one when there are too many.
func (n *networks) name(network string, now time.Time) string {
	if _, known := n.seen[network]; known || len(n.seen) < mostNetworks {
		return network
	}
	n.forget(now)
	if len(n.seen) < mostNetworks {
		return network
	}
	return "…"
}

// forget drops what no longer counts.
func (n *networks) forget(now time.Time) {
	for name, c := range n.seen {
		if !now.Before(c.ends) {
			delete(n.seen, name)
		}
	}
}

// tidy drops what no longer counts, for the sweep.
func (n *networks) tidy() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget(n.clock())
}
