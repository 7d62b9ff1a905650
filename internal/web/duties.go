package web

import (
	"kartotek/internal/dues"
	"kartotek/internal/duty"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// dutyWay leads from a duty to a page.
type dutyWay func(*visit, *duty.Duty) string

// dutyPath is the page where a duty is done.
func (v *visit) dutyPath(d *duty.Duty) string { return dutyPaths[d.Kind](v, d) }

// at leads to a page of which there is one.
func at(path string) dutyWay {
	return func(*visit, *duty.Duty) string { return path }
}

// numbered leads to the page of what the duty's number is of.
func numbered(path func(int64) string) dutyWay {
	return func(_ *visit, d *duty.Duty) string { return path(d.Subject) }
}

// personal leads to a page about the person the duty is about.
func personal(path func(*visit, vault.PersonID) string, below string) dutyWay {
	return func(v *visit, d *duty.Duty) string { return path(v, vault.PersonID(d.Subject)) + below }
}

// part leads to a body's part of what the duty's number is of.
func part(path func(*visit, int64, unit.ID) string) dutyWay {
	return func(v *visit, d *duty.Duty) string { return path(v, d.Subject, d.Unit) }
}

// ofItsBody leads to a page of the body the duty rests with.
func ofItsBody(path func(code string) string) dutyWay {
	return func(v *visit, d *duty.Duty) string { return path(v.unitCode(d.Unit)) }
}

// ofABody leads to a page of the body the duty is about: it may rest with the office.
func ofABody(path func(code string) string) dutyWay {
	return func(v *visit, d *duty.Duty) string { return path(v.unitCode(unit.ID(d.Subject))) }
}

// dutyPaths says of every kind of duty where it is done.
var dutyPaths = map[duty.Kind]dutyWay{
	// Members and who wants to be one
	duty.CloseMembership: personal((*visit).departurePath, ""),
	duty.ConfirmErasure:  personal((*visit).departurePath, ""),
	duty.CloseMany:       numbered(func(n int64) string { return manyOf(uint64(n)) }),
	duty.ReviewHold:      personal((*visit).holdPath, ""),
	duty.CorrectMember:   personal((*visit).cardPath, "/edit#wish"),
	duty.ConfirmMerge:    personal((*visit).cardPath, "/merging"),
	duty.Transfer:        numbered(casePath),
	duty.Application:     numbered(applicationPath),
	duty.ApplicantAlike:  numbered(applicationPath),
	duty.NonPayment:      at(duesArrears + "?which=" + string(dues.Patience)),

	// Lists, and what is handed out or passed on
	duty.DestroyList:       numbered(listPath),
	duty.Exception:         numbered(exceptionPath),
	duty.ListLost:          numbered(exceptionPath),
	duty.DecideRequisition: numbered(requisitionPath),
	duty.TellRecipient:     numbered(noticePath),
	duty.PassOnward:        at(passingPath),
	duty.PassingAnswer:     at(passingPath),
	duty.PassingBrake:      at(passingPath),
	duty.PassingGone:       at(passingPath),

	// Who has access, looked through
	duty.DecideGrant:  numbered(grantPath),
	duty.RenewGrant:   numbered(grantPath),
	duty.AnswerReview: part((*visit).reviewBodyPath),
	duty.CloseReview:  numbered(reviewPath),
	duty.AnswerAudit:  part((*visit).auditBodyPath),
	duty.CloseAudit:   numbered(auditPath),
	duty.SettleChange: numbered(changePath),

	// Meetings and messages
	duty.PlanMeeting:    ofABody(func(code string) string { return meetingsOf(meetingNew, code) }),
	duty.SendNotice:     numbered(meetingPath),
	duty.CloseMeeting:   numbered(meetingPath),
	duty.EnterBoard:     numbered(meetingPath),
	duty.ApproveMailing: numbered(mailingPath),
	duty.PostLetters:    at(lettersPath),

	// What is published, agreed and told
	duty.PublishProcedure:     at(procedurePath + "/edit"),
	duty.PublishGuideline:     at(guidelinePath + "/edit"),
	duty.Declare:              ofABody(declarationAt),
	duty.DeclarationDrift:     ofABody(declarationAt),
	duty.LookDeclaration:      ofABody(declarationAt),
	duty.ReviewDeclaration:    ofABody(declarationAt),
	duty.AnnounceDeclaration:  ofABody(declarationAt),
	duty.InformMembers:        ofABody(consentBodyOf),
	duty.SettlePapers:         ofABody(consentPaperOf),
	duty.SignAgreement:        ofItsBody(agreementOf),
	duty.ReceiveAgreement:     ofItsBody(agreementOf),
	duty.CountersignAgreement: ofItsBody(agreementOf),
	duty.ProcessorChange:      part((*visit).processorPath),
	duty.AnswerObjection:      part((*visit).processorPath),

	// The house itself
	duty.KeyShares:    at(masterPath),
	duty.CopyBehind:   at(keysPath),
	duty.RestoreDrill: at(backupsPath),
	duty.BackupLate:   at(backupsPath),
	duty.JournalEpoch: at(backupsPath),
	duty.SweepBrake:   numbered(brakePath),
	duty.CheckClock:   at(retentionPath),
}

// declarationAt is where the declaration of a body is written.
func declarationAt(code string) string { return declarationOf(declarationPath, code) }
