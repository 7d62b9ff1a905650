package bench

import (
	"os"
	"testing"
)

// TestBenchMeasuresEverything runs the whole table for a small federation: every
// measure is there, none is nothing, and the disk is as it was.
func TestBenchMeasuresEverything(t *testing.T) {
	dir := t.TempDir()
	report, err := Run(t.Context(), Options{Members: Fewest, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for _, m := range report.Measures {
		met[m.Operation] = true
		if m.Operation == "decision_allocations" && m.Ours != 0 { // of a house as it is opened, its clock too
			t.Errorf("a decision allocates %v times", m.Ours)
		}
		if m.Operation != "decision_allocations" && m.Ours <= 0 || m.Floor < 0 || !m.Absolute && m.Ratio <= 0 {
			t.Errorf("%+v", m)
		}
	}
	for _, operation := range []string{
		"import", "list_csv", "list_xlsx", "disk", "search_office_p50", "search_office_p99", "search_officer_p50", "search_officer_p99",
		"decision", "decision_allocations", "act", "recipients", "start", "erasure", "backup", "backup_again", "restore", "erasures", "key_copy", "erasure_copied", "erasures_copied",
		"rotation", "ledger",
	} {
		if !met[operation] {
			t.Errorf("%s was not measured", operation)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
