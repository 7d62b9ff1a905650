package vault

import (
	"encoding/binary"
	"slices"
	"time"
)

// What a law orders kept ends by itself, with the month in which an accounting
// year has grown old enough (L7). There is a class for every such month, so a
// person has one key for each end that applies to them, and a month that is over
// is ended by destroying its keys. Nothing that ends later is sealed under them,
// and no date in the register has to be believed.

const (
	firstKept  Class = 1 << 8 // January of the year keptFrom
	lastKept   Class = firstKept + 12*200 - 1
	keptFrom         = 2000
	classSize        = 3 // the longest form of a class in what is bound to a seal
	classShort Class = 1<<8 - 1
)

// KeptUntil is the class of what is kept until a month is over; 0, which is no
// class, for a month that is out of all reason.
func KeptUntil(year int, month time.Month) Class {
	if year < keptFrom || year > keptFrom+199 || month < time.January || month > time.December {
		return 0
	}
	return firstKept + Class(12*(year-keptFrom)+int(month-time.January))
}

// Ends reports whether what is sealed in the class ends by itself.
func (c Class) Ends() bool { return c >= firstKept && c <= lastKept }

// End is the month with which a class ends, where one does.
func (c Class) End() (year int, month time.Month) {
	if !c.Ends() {
		return 0, 0
	}
	n := int(c - firstKept)
	return keptFrom + n/12, time.January + time.Month(n%12)
}

// append adds the class as it is bound to seals, keys and ledger entries: one
// byte, or for the classes that came later a zero, which is no class, and two.
func (c Class) append(dst []byte) []byte {
	if c <= classShort {
		return append(dst, byte(c))
	}
	return binary.BigEndian.AppendUint16(append(dst, 0), uint16(c))
}

// Keeping lists the classes that end by themselves of which a person has a key,
// the nearest end first.
func (k *Keyring) Keeping(p PersonID) (list []Class) {
	k.keys.mu.RLock()
	defer k.keys.mu.RUnlock()
	for c := range k.keys.keeping {
		if _, held := k.keys.others[keyName{p, c}]; held {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}

// Kept lists who has keys in classes that end by themselves before a class, by
// class; who among them is in the order of their ids.
func (k *Keyring) Kept(before Class) map[Class][]PersonID {
	k.keys.mu.RLock()
	defer k.keys.mu.RUnlock()
	all := map[Class][]PersonID{}
	for c, n := range k.keys.keeping {
		if c < before {
			all[c] = make([]PersonID, 0, n)
		}
	}
	if len(all) == 0 {
		return nil
	}
	for n := range k.keys.others {
		if n.class.Ends() && n.class < before {
			all[n.class] = append(all[n.class], n.person)
		}
	}
	for _, persons := range all {
		slices.Sort(persons)
	}
	return all
}

// Ended lists the classes that ended by themselves of which a person had a key,
// as the ledger tells.
func (k *Keyring) Ended(p PersonID) (list []Class) {
	k.keys.mu.RLock()
	defer k.keys.mu.RUnlock()
	for c, erased := range k.keys.erased {
		if c.Ends() && erased.Contains(uint32(p)) {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}

// count keeps the tally of the classes that end by themselves.
func (t *keyTable) count(c Class, stood, stands bool) {
	switch {
	case !c.Ends() || stood == stands:
	case stands:
		t.keeping[c]++
	default:
		if t.keeping[c]--; t.keeping[c] == 0 {
			delete(t.keeping, c)
		}
	}
}

// dropEmpty throws away the drawers of ended classes that a transaction emptied:
// written as zeros first, so that nothing but zeros is deleted.
func (tx *Tx) dropEmpty() error {
	for _, d := range tx.keys.changed() {
		if keyAt(d.id, 0).class.Ends() && d.empty() {
			if _, err := tx.tx.Exec(keyDrawers.drop, d.id); err != nil {
				return err
			}
		}
	}
	return nil
}
