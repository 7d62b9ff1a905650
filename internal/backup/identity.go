package backup

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"filippo.io/age"

	"kartotek/internal/durable"
	"kartotek/internal/fault"
)

// NewIdentity writes a new age identity to a file that must not exist yet, mode
// 0600, and gives its recipient. Who loses it cannot read archives any more, so a
// copy belongs elsewhere.
func NewIdentity(path string) (recipient string, err error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	err = durable.Create(path, fmt.Appendf(nil, "# %s\n%s\n", identity.Recipient(), identity))
	if errors.Is(err, fs.ErrExist) {
		return "", fault.New(fault.Conflict, "backup.error.key_exists", "path", path)
	}
	return identity.Recipient().String(), err
}

// LoadIdentities reads files of age identities. A file that does not exist is
// passed over; one that others may read is refused.
func LoadIdentities(paths ...string) (all []age.Identity, err error) {
	for _, path := range paths {
		if path == "" {
			continue
		}
		some, err := loadIdentities(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func loadIdentities(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Invalid, "backup.error.key_exposed", "path", path)
	}
	identities, err := age.ParseIdentities(io.LimitReader(f, 64<<10))
	if err != nil {
		return nil, fault.New(fault.Invalid, "backup.error.key_form", "path", path) // age's text would quote the line
	}
	return identities, nil
}

// RecipientOf gives the recipient of the first identity in a file.
func RecipientOf(path string) (string, error) {
	identities, err := loadIdentities(path)
	if err != nil {
		return "", err
	}
	for _, identity := range identities {
		switch i := identity.(type) {
		case *age.X25519Identity:
			return i.Recipient().String(), nil
		case *age.HybridIdentity:
			return i.Recipient().String(), nil
		}
	}
	return "", fault.New(fault.Invalid, "backup.error.key_form", "path", path)
}

// recipients are whoever can read an archive, and what tells one set of them
// from another: a chunk written for others is written again.
type recipients struct {
	all  []age.Recipient
	mark [32]byte
}

// parseRecipients reads age recipients: "age1…".
func parseRecipients(texts []string) (recipients, error) {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	var r recipients
	for _, text := range texts {
		some, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil || len(some) != 1 {
			return r, fault.New(fault.Invalid, "backup.error.recipient")
		}
		r.all = append(r.all, some[0])
	}
	if len(r.all) == 0 {
		return r, fault.New(fault.Invalid, "backup.error.no_recipient")
	}
	r.mark = sha256.Sum256([]byte(strings.Join(texts, "\n")))
	return r, nil
}
