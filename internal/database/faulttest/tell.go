package faulttest

import (
	"fmt"
	"os"
	"testing"
)

// counts, in the environment, names a file to which every test of faults adds what
// its runs came to; ./check prints it at the end.
const counts = "KARTOTEK_FAULT_COUNTS"

// Tell says what the runs of a test came to.
func Tell(t testing.TB, format string, args ...any) {
	t.Helper()
	said := fmt.Sprintf(format, args...)
	t.Log(said)
	path := os.Getenv(counts)
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s: %s\n", t.Name(), said); err != nil {
		t.Fatal(err)
	}
}
