package app_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/member"
)

// N14: of what the daily sweep took no byte is left in the register's files, though
// nobody is erased meanwhile: not of a record, and not of what stood elsewhere.
func TestN14NoByteIsLeftOfWhatWasSwept(t *testing.T) {
	f := housetest.New(t)
	ctx, person := f.Context(), f.Person("member")
	edit := f.Scope("anna", access.Want{Act: charter.Edit})
	_, err := f.Members.Update(ctx, edit, person, member.Changes{Values: map[string]string{"family": "Nygaard-Quistorff"}, Keep: &member.Keep{Reason: "married"}})
	f.Must(err)
	sealed := map[string][]byte{}
	f.Must(f.DB.Read(ctx, func(q database.Querier) error {
		for name, from := range map[string]string{"a former name": fmt.Sprint("record WHERE kind = ", member.Formers.Number), "news": `news`} {
			var value []byte
			if err := q.QueryRow(`SELECT sealed FROM ` + from + ` LIMIT 1`).Scan(&value); err != nil {
				return err
			}
			sealed[name] = bytes.Clone(value)
		}
		return nil
	}))
	held := func(value []byte) bool {
		for _, path := range housetest.Files(t, f.Config.Data) {
			content, err := os.ReadFile(path)
			f.Must(err)
			if bytes.Contains(content, value) {
				return true
			}
		}
		return false
	}
	for name, value := range sealed {
		if !held(value) {
			t.Fatalf("%s is not found while it stands", name)
		}
	}
	f.Clock.Add(2 * 365 * 24 * time.Hour)
	sweep(f, false)
	for name, value := range sealed {
		if held(value) {
			t.Errorf("%s was swept, and its bytes are in the files", name)
		}
	}
}
