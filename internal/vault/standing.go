package vault

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"kartotek/internal/database"
)

// Standing is what the keyring knows of its own master key. It stands there in the
// clear, since it is needed before anything can be opened, and nothing of it opens
// anything.
type Standing struct {
	Rotation   int64       `json:"rotation"`             // how often every key was wrapped anew
	Revision   int64       `json:"revision,omitempty"`   // of the keyring, by the last of them
	Since      time.Time   `json:"since"`                // when the master key of now became it
	Source     Source      `json:"source"`               // where it was then
	Derivation *Derivation `json:"derivation,omitempty"` // how a passphrase becomes it
	Told       int64       `json:"told,omitempty"`       // the rotation that the journal knows of
	Sets       []ShareSet  `json:"sets,omitempty"`       // sets of shares that give it
	Arranged   time.Time   `json:"arranged,omitzero"`    // when it was declared that another copy is kept safe
	Grounds    []byte      `json:"grounds,omitempty"`    // why and where, sealed
	Retired    []Retired   `json:"retired,omitempty"`    // files that hold a master key of before
}

// Retired is a file that holds a master key of before, with a digest of that key,
// so that nothing else that came to lie there is destroyed.
type Retired struct {
	Path string `json:"path"`
	Mark string `json:"mark"`
}

// ShareSet is a set of shares of the master key: who has enough of them has it.
type ShareSet struct {
	ID        string    `json:"id"`
	Shares    int       `json:"shares"`
	Threshold int       `json:"threshold"`
	At        time.Time `json:"at"`
}

// Secured reports whether the master key can be had again when it is lost: by
// shares, or as was declared.
func (s Standing) Secured() bool { return len(s.Sets) > 0 || !s.Arranged.IsZero() }

func (s *Standing) clone() Standing {
	c := *s
	c.Sets, c.Retired = slices.Clone(s.Sets), slices.Clone(s.Retired)
	return c
}

// Standing is what the keyring knows of its master key now.
func (k *Keyring) Standing() Standing { return k.standing.Load().clone() }

// readStanding reads it; a keyring of before has none, and a file was its master.
func readStanding(q database.Querier) (s Standing, err error) {
	text, err := value(q, nameMaster)
	if errors.Is(err, database.ErrNotFound) {
		return Standing{Source: Source{Kind: FromFile}}, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, database.ErrCorrupt
	}
	return s, nil
}

func writeStanding(tx *database.Tx, s *Standing) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return setValue(tx, nameMaster, text)
}

// amend changes what the keyring knows of its master key.
func (k *Keyring) amend(tx *database.Tx, change func(s *Standing)) error {
	s := k.Standing()
	change(&s)
	if err := writeStanding(tx, &s); err != nil {
		return err
	}
	tx.AfterCommit(func() { k.standing.Store(&s) })
	return k.revise(tx, nil, false)
}
