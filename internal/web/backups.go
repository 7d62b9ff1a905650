package web

import (
	"strconv"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/backup"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

const (
	backupsPath = "/backups"
	backupsPart = "backups" // the region that follows the progress
)

// archivesShown is how many archives of a place are shown.
const archivesShown = 20

// backupsView is how backups stand.
type backupsView struct {
	backup.Overview
	Places   []backupPlace
	Because  look.Because
	Problems look.Problems
	PutBack  bool // the register was put back by others, and nobody has looked yet
	Days     int
	Zone     *time.Location
}

// backupPlace is one place as pages show it.
type backupPlace struct {
	backup.Standing
	Index  int
	Shown  []backup.Archive
	Hidden int // older ones
}

// backupScope is what backups need: they are the administrators'.
func (v *visit) backupScope() (access.Scope, error) {
	return v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Staff})
}

func backupsPage(v *visit) error { return v.backups(nil) }

func (v *visit) backups(problems look.Problems) error {
	scope, err := v.backupScope()
	if err != nil {
		return err
	}
	overview, err := v.house.Backup.Overview(v.ctx())
	if err != nil {
		return err
	}
	open, err := v.house.Duties.Open(v.ctx(), v.responsible())
	if err != nil {
		return err
	}
	view := backupsView{
		Overview: overview, Because: v.becauseOf("backup", scope), Problems: problems,
		Days: v.house.Charter.BackupDays, Zone: v.house.Charter.Location(),
	}
	for _, d := range open {
		view.PutBack = view.PutBack || d.Kind == duty.JournalEpoch
	}
	for i, standing := range overview.Places {
		shown := standing.Archives[:min(len(standing.Archives), archivesShown)]
		view.Places = append(view.Places, backupPlace{standing, i, shown, len(standing.Archives) - len(shown)})
	}
	if v.asked(backupsPart) {
		return v.part(backupsRegion(view))
	}
	return v.show(page{title: v.T("backup.title"), tab: tabAdministration, body: backupsBody(view), failed: problems != nil})
}

// backupBegin begins an archive or a drill; the page then shows how far it is.
func backupBegin(kind backup.Kind) func(*visit) error {
	return func(v *visit) error {
		scope, err := v.backupScope()
		if err != nil {
			return err
		}
		f, err := v.form()
		if err != nil {
			return err
		}
		places := v.house.Backups
		at, err := strconv.Atoi(f.text("place"))
		if err != nil || at < 0 || at >= len(places) {
			return errNotFound
		}
		act := journal.Backup
		if kind == backup.Drilling {
			act = journal.Restore
		}
		err = v.house.Backup.Begin(scope.Entry(act), kind, places[at])
		if fault.Is(err, fault.Conflict) {
			return v.backups(look.Explain(v.p, err))
		}
		if err != nil {
			return err
		}
		return v.to(backupsPath)
	}
}

// backupSeen ends the duty to find out who put the register back.
func backupSeen(v *visit) error {
	scope, err := v.backupScope()
	if err != nil {
		return err
	}
	if err := v.house.SeenEpoch(v.ctx(), scope); err != nil {
		return err
	}
	return v.toWith(backupsPath, "backup.notice.seen")
}

// backupPoll asks again while something is being done.
func backupPoll(view backupsView) string {
	if view.Job == nil {
		return ""
	}
	return backupsPath
}

// backupState says how an archive is.
func backupState(p *locale.Printer, a backup.Archive) string {
	if a.Problem == nil {
		return p.T("backup.good")
	}
	return locale.Error(p, fault.From(a.Problem))
}

// backupOutcome says how a run went.
func backupOutcome(p *locale.Printer, r *backup.Run) string {
	if r.Good() {
		return p.T("backup.drill.good")
	}
	return outcomeText(p, r.Outcome, r.Archive)
}

// outcomeText is a failure in words. What was noted is a key of the catalogue.
func outcomeText(p *locale.Printer, outcome, archive string) string {
	if !p.Has(outcome) {
		outcome = "backup.error.failed"
	}
	return p.T(outcome, "archive", archive, "path", "", "chunk", "")
}
