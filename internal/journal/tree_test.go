package journal

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The frontier stores the same hashes and has the same roots as tlog with all
// hashes at hand.
func TestFrontierIsTheTree(t *testing.T) {
	var stored []tlog.Hash
	all := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	var f frontier
	for n := int64(0); n < 300; n++ {
		want, err := tlog.TreeHash(n, all)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.root(); err != nil || got != want {
			t.Fatalf("root of %d leaves: %v, %v", n, got, err)
		}
		levels, indexes := f.indexes()
		for i, index := range indexes {
			if f.edge[levels[i]] != stored[index] {
				t.Fatalf("edge of %d leaves at level %d", n, levels[i])
			}
		}
		record := fmt.Appendf(nil, "leaf %d", n)
		hashes, err := tlog.StoredHashes(n, record, all)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.add(record)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(hashes) {
			t.Fatalf("leaf %d stores %v, %v; want %v", n, got, err, hashes)
		}
		stored = append(stored, hashes...)
	}
	if _, err := f.ReadHashes([]int64{0}); err == nil {
		t.Error("a hash inside the tree was answered")
	}
}
