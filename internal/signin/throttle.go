package signin

import (
	"time"

	"kartotek/internal/database"
)

// Throttle holds back another door that strangers knock at, with the limits of
// the sign-in: on an address and on all together in the register, on a network in
// memory.
type Throttle struct {
	s       *Service
	network *networks
	address limit
	all     limit
}

// Throttle makes the limits of a door: so many of one address in a day, so many of
// one network in ten minutes, so many of all in an hour.
func (s *Service) Throttle(name string, address, network, all int) *Throttle {
	return &Throttle{
		s: s, network: newNetworks(limit{"network", network, 10 * time.Minute}, s.o.Clock),
		address: limit{name, address, 24 * time.Hour}, all: limit{name + ".all", all, time.Hour},
	}
}

// Knock counts a visit from a network, or refuses it.
func (t *Throttle) Knock(remote string) error {
	if wait := t.network.wait(remote); wait > 0 {
		return tooMany("signin.error.busy", wait)
	}
	t.network.take(remote)
	return nil
}

// Take counts what is sent to an address in the act's own transaction, or refuses
// it. What it answers does not depend on whose the address is.
func (t *Throttle) Take(tx *database.Tx, address string) error {
	for _, l := range []struct {
		limit
		subject []byte
	}{{t.address, t.s.keys.MAC("signin.address", []byte(address))}, {t.all, nil}} {
		wait, err := waitFor(tx, t.s.limited(l.limit, l.subject), l.limit, tx.Now())
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany("signin.error.busy", wait)
		}
		if err := take(tx, t.s.limited(l.limit, l.subject), l.limit); err != nil {
			return err
		}
	}
	return nil
}

// Tidy forgets networks whose time is over.
func (t *Throttle) Tidy() { t.network.tidy() }
