package mail

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

func TestWalkOpensWhateverCanBeOpened(t *testing.T) {
	each(t, nil, func(h *house) {
		for i := range walkAtOnce + 3 { // more than a page
			prepared, err := h.Prepare(ctx, Message{
				Person: vault.PersonID(i), To: fmt.Sprintf("m%d@example.dk", i), Subject: "Hello", Body: fmt.Sprint("text ", i),
				Ends: h.clock.Now().Add(time.Duration(i+1) * time.Hour), Kind: "test",
			})
			h.must(err)
			h.must(h.db.Write(ctx, prepared.Enqueue))
		}
		h.must(h.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE mail SET sealed = $1 WHERE person = 5`, []byte("damaged"))
			return err
		}))
		h.clock.add(2 * time.Hour)
		_, err := h.keys.DropOneOffs(ctx, h.clock.Now()) // the first two have ended
		h.must(err)

		var read, damaged []vault.PersonID
		h.must(h.Walk(ctx, func(_ int64, person vault.PersonID, texts []string, err error) error {
			if err != nil {
				damaged = append(damaged, person)
				return nil
			}
			if all := strings.Join(texts, "|"); !strings.Contains(all, fmt.Sprintf("m%d@example.dk", person)) || !strings.Contains(all, fmt.Sprint("text ", person)) {
				t.Errorf("mail of %d: %s", person, all)
			}
			read = append(read, person)
			return nil
		}))
		if len(read) != walkAtOnce || read[0] != 2 || !slices.IsSorted(read) || !slices.Equal(damaged, []vault.PersonID{5}) {
			t.Errorf("read %v, damaged %v", read, damaged)
		}
		stop := errors.New("stop")
		if err := h.Walk(ctx, func(int64, vault.PersonID, []string, error) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("an error of the caller: %v", err)
		}
	})
}
