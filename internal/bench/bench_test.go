package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"kartotek/internal/access"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/journal"
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
	if len(report.Skipped) != len(serverOperations) {
		t.Errorf("left out: %+v", report.Skipped)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// TestBenchBesidePgDump has the same register on a real PostgreSQL, archived and
// brought back beside PostgreSQL's own programs; nothing is left in the database.
func TestBenchBesidePgDump(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	r := &run{Options: Options{Members: Fewest, Postgres: databasetest.DSN(t), Progress: func(string, int, int) {}}, report: &Report{}}
	var err error
	if r.rig, err = build(ctx, dir, r.Options); err != nil {
		t.Fatal(err)
	}
	archives := filepath.Join(dir, "archives")
	_, err = r.house.Backup.Archive(ctx, journal.Entry{Right: string(access.System), Via: string(access.Console)}, archives)
	if err == nil {
		err = r.house.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.onServer(ctx, archives); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("pg_dump"); err != nil {
		if len(r.report.Skipped) != len(serverOperations) || r.report.Skipped[0].Reason != "no_program" {
			t.Errorf("without pg_dump: %+v", r.report)
		}
		return
	}
	for i, m := range r.report.Measures {
		if m.Operation != serverOperations[i] || m.Ours <= 0 || m.Floor <= 0 || m.Ratio <= 0 {
			t.Errorf("%+v", m)
		}
	}
	if len(r.report.Measures) != len(serverOperations) || r.report.Postgres == "" {
		t.Errorf("%+v", r.report)
	}
	conn, err := pgx.Connect(ctx, r.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var left int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kartotek%'`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left, %v", left, err)
	}
}
