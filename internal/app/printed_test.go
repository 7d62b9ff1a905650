package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kartotek/internal/app"
	"kartotek/internal/durable"
	"kartotek/internal/fault"
)

// D7: shares that were written to a PDF are overwritten and removed, also where a stop
// came between the two; any other file is left alone.
func TestD7PrintedSharesAreTakenAway(t *testing.T) {
	path, held := filepath.Join(t.TempDir(), "shares.pdf"), filepath.Join(t.TempDir(), "held")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(errors.Join(os.WriteFile(path, []byte("%PDF-1.7 a share"), 0o600), os.Link(path, held)))
	must(app.DiscardPrinted(path))
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || !durable.IsBlank(held) {
		t.Errorf("it is still there: %v", err)
	}
	must(errors.Join(os.WriteFile(path, []byte("%PDF-1.7 a share"), 0o600), durable.Blank(path)))
	must(app.DiscardPrinted(path))
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a stop left it: %v", err)
	}
	must(os.WriteFile(path, []byte("a letter"), 0o600))
	if err := app.DiscardPrinted(path); !fault.Is(err, fault.Invalid) {
		t.Errorf("another file: %v", err)
	}
}
