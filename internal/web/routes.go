package web

import (
	"kartotek/internal/app"
	"kartotek/internal/backup"
)

// route is one line of the table below.
type route struct {
	pattern  string
	act      func(*visit) error
	signedIn bool  // others are sent to the sign-in
	long     bool  // may take longer than a page: a list streams, a journal is verified
	upload   int64 // bytes a posted file may have; 0 is a form's limit
	demo     bool  // in the demo only
	self     bool  // about oneself: reached before a second factor is shown (door.go)
	fresh    bool  // grave: a second factor must have been shown just before (door.go)
}

// open is a route for everybody, in one for those who are signed in. Who may do
// what there is decided by the rooms, for each act.
func open(pattern string, act func(*visit) error) route {
	return route{pattern: pattern, act: act}
}

func in(pattern string, act func(*visit) error) route {
	return route{pattern: pattern, act: act, signedIn: true}
}

// taking is a route whose work may take its time.
func (r route) taking() route { r.long = true; return r }

// with is a route that takes a file of so many bytes.
func (r route) with(upload int64) route { r.upload = upload; return r }

// demoOnly is a route that exists in the demo only.
func (r route) demoOnly() route { r.demo = true; return r }

// everything is the pattern of what has no route of its own.
const everything = "/"

// routes is every page and act of the face, room by room.
var routes = []route{
	open(everything, notFound),

	// The door: signin.go
	open("GET /signin", signInPage),
	open("POST /signin", signInBegin),
	open("GET /signin/code", signInCodePage),
	open("POST /signin/code", signInCode),
	open("GET /signin/choose", signInChoosePage),
	open("POST /signin/choose", signInChoose),
	open("POST /signout", signOut),
	in("POST /signout/again", signOutAgain).own(),
	open("POST /signin/device", deviceReturn),
	open("POST /signin/passkey/ask", passkeyAsk),
	open("POST /signin/passkey", passkeySignIn),
	open("GET /signin/way", wayPage),
	open("POST /signin/way", way),

	// The second factor, and how one signs in: door.go, account.go, accountpage.go, recovery.go
	in("GET /signin/second", secondPage).own(),
	in("POST /signin/second", second).own(),
	in("POST /signin/second/ask", secondAsk).own(),
	in("POST /signin/second/passkey", secondPasskey).own(),
	in("GET /account", accountPage).own(),
	in("GET /account/setup", setUpPage).own(),
	in("GET /account/again", againPage).own(),
	in("POST /account/passkey/ask", passkeyNew).own(),
	in("POST /account/passkey", passkeyAdd).own(),
	in("POST /account/app", appNew).own(),
	in("GET /account/app", appPage).own(),
	in("POST /account/app/confirm", appConfirm).own(),
	in("POST /account/codes", codesNew).own(),
	in("POST /account/codes/kept", codesKept).own(),
	in("GET /account/address", addressPage).own(),
	in("POST /account/address", addressNew).own(),
	in("GET /account/address/code", addressCodePage).own(),
	in("POST /account/address/confirm", addressConfirm).own(),
	in("POST /account/factors/{id}/remove", factorRemove).own(),
	in("POST /account/devices/{id}/forget", deviceForget).own(),
	in("POST /account/visits/{id}/end", visitEnd).own(),
	in("POST /account/visits/end", visitsEnd).own(),
	in("POST /account/recovery/stop", recoveryStop).own(),
	in("GET /access/recover", recoverPage).recent(),
	in("POST /access/recover", vouch).recent(),

	// Joining: joining.go for everybody, applications.go for those who decide
	open("GET /join", joinPage),
	open("POST /join", joinSend),
	open("GET /join/{body}", joinPage),
	open("POST /join/{body}", joinSend),
	open("GET /joining/sent", joinSent),
	open("GET /joining/withdrawn", joinWithdrawn),
	open("GET "+ownPath, ownPage),
	open("POST "+ownPath+"/confirm", ownAct("joining.notice.confirmed", ownConfirm)),
	open("POST "+ownPath+"/answer", ownAct("joining.notice.answered", ownAnswer)),
	open("POST "+ownPath+"/sponsor", ownAct("joining.notice.sponsor", ownSponsor)),
	open("POST "+ownPath+"/withdraw", ownAct("", ownWithdraw)),
	in("GET "+applicationsPath, applicationsPage),
	in("GET "+applicationsPath+"/{id}", applicationPage),
	in("POST "+applicationsPath+"/{id}/accept", applicationAccepted),
	in("POST "+applicationsPath+"/{id}/decline", decided("joining.notice.declined", applicationDecline)),
	in("POST "+applicationsPath+"/{id}/ask", decided("joining.notice.asked", applicationAsk)),
	in("POST "+applicationsPath+"/{id}/distinct", looked(applicationDistinct)),
	in("POST "+applicationsPath+"/{id}/same", looked(applicationSame)),
	in("POST /recommend/{id}", recommend).own(),
	in("POST /claim/{id}", claimed).own(),

	open("GET /demo/{token}", demoPage).demoOnly(),
	open("POST /demo/{token}", demoSpend).demoOnly(),
	open("GET /mailbox", mailboxPage).demoOnly(),

	// The completion of a certificate, for whoever holds its number: certificate.go
	open("GET "+certificatePath, certificatePage),
	open("POST "+certificatePath, certificateFetch),

	// How one works: frame.go
	open("POST /language/{code}", chooseLanguage),
	in("POST /hat/{id}", chooseHat),

	// Home: home.go
	in("GET /{$}", homePage),
	in("GET "+yearPath, yearPage),
	in("GET "+yearPath+".ics", yearCalendar),
	in("GET "+yearPaperPath, yearPaperPage),
	in("GET "+yearPaperPath+".pdf", yearPaperFile),
	in("GET "+yearPaperPath+"s.pdf", yearPapersFile).taking(),

	// What is new, and rounds of calls: news.go, rounds.go
	in("GET /news", newsPage),
	in("POST /news/seen", newsSeen),
	in("GET /rounds", roundsPage),
	in("POST /rounds", roundBegin),
	in("GET /rounds/{number}", roundPage),
	in("POST /rounds/{number}/mark", roundMark),
	in("POST /rounds/{number}/end", roundEnd),

	// My page: me.go
	in("GET /me", mePage).own(),
	in("GET /me/seen", meSeenPage).own(),
	in("GET /me/everything", meEverythingPage).own(),
	in("POST /me/objections", meObject).own(),
	in("GET /me/leave", meLeavePage).own(),
	in("POST /me/leave", meLeave).own(),
	in("POST /me/stay", meStay).own(),

	// One's own contact data: contact.go
	in("GET /me/contact", contactPage),
	in("POST /me/contact", contactUpdate),
	in("GET /me/email", emailPage),
	in("POST /me/email", emailBegin),
	in("GET /me/email/code", emailCodePage),
	in("POST /me/email/code", emailCode),
	in("GET /me/correct", correctPage),
	in("POST /me/correct", correctAsk),

	// Households, returned mail, former names: household.go
	in("GET /members/households", proposalsPage),
	in("POST /members/households", proposalMake),
	in("POST /members/households/apart", proposalApart),
	in("GET /members/upkeep", upkeepPage),
	in("GET /members/{person}/household", householdPage),
	in("POST /members/{person}/household", householdJoin),
	in("POST /members/{person}/household/reveal", householdReveal),
	in("POST /members/{person}/household/leave", householdLeave),
	in("GET /members/{person}/household/part", partPage),
	in("POST /members/{person}/household/part", partNow),
	in("POST /members/{person}/household/part/reveal", partReveal),
	in("POST /members/{person}/returned", memberReturned),
	in("POST /members/{person}/former", memberFormer),
	in("POST /members/{person}/former/forget", memberFormerForget),
	in("POST /members/{person}/correct", memberCorrect),

	// Where all that keeps the register in order is reached: administration.go
	in("GET "+administrationPath, administrationPage),

	// The journal: log.go
	in("GET /log", logPage),
	in("POST /log", logSearch),
	in("POST /log/verify", logVerify).taking(),
	in("POST /log/checkpoint", logCheckpoint).taking(),

	// A list found: trace.go
	in("GET "+tracePath, traceForm),
	in("POST "+tracePath, traceFound).with(traceSize + 1<<20).taking(),

	// Keys and copies: keys.go
	in("GET "+keysPath, keysPage),
	in("POST "+keysPath+"/verify", keysVerify).taking(),
	in("POST "+keysPath+"/{number}/give-up", keysGiveUp).taking(),

	// Members: members.go, member.go, edit.go, belonging.go, import.go
	in("GET /members", membersPage),
	in("POST /members", membersSearch),
	in("GET /members/new", memberNewPage),
	in("POST /members/new", memberCreate),
	in("GET /members/{person}", memberPage),
	in("POST /members/{person}/reveal", memberReveal),
	in("GET /members/{person}/edit", memberEditPage),
	in("POST /members/{person}/edit", memberUpdate),
	in("POST /members/{person}/objections", memberObject),
	in("POST /members/{person}/restrict", memberRestrict),
	in("GET /members/{person}/categories", categoryPage),
	in("POST /members/{person}/categories", categorySet),
	in("POST /members/{person}/categories/drop", categoryDrop),
	in("GET /members/alike", alikeList).taking(),
	in("POST /members/{person}/same", sameWith),
	in("GET /members/{person}/same/{other}", samePage),
	in("POST /members/{person}/same/{other}", sameMerge),
	in("POST /members/{person}/same/{other}/not", sameNot),
	in("POST /members/{person}/same/{other}/confirm", sameConfirm).recent(),
	in("POST /members/{person}/same/{other}/drop", sameDrop),
	in("GET /members/{person}/merging", mergingPage),
	in("GET /members/{person}/memberships", belongPage),
	in("POST /members/{person}/memberships", belongAdd),
	in("POST /members/{person}/memberships/move", belongMove),
	in("POST /members/{person}/memberships/end", belongEnd),
	// Moving: moving.go
	in("GET /moving", movingPage),
	in("GET /moving/{id}", casePage),
	in("POST /moving/{id}/accept", caseAccept),
	in("POST /moving/{id}/refuse", caseRefuse),
	in("POST /moving/{id}/cancel", caseCancel),
	in("POST /moving/{id}/distinct", caseDistinct),
	in("GET /members/{person}/move", memberMovePage),
	in("POST /members/{person}/move", memberMove),
	in("GET /me/move", meMovePage),
	in("POST /me/move", meMove),

	in("GET /import", importPage),
	in("POST /import", importUpload).with(importSize + 1<<20).taking(),
	in("POST /import/columns", importColumns),
	in("POST /import/try", importTry),
	in("POST /import/run", importRunNow),
	in("POST /import/again", importAgain),
	in("POST /import/decide", importDecide),
	in("POST /import/keep", importKeep),
	in("GET /import/mappings", mappingsPage),
	in("POST /import/mappings/{id}", mappingRename),
	in("POST /import/mappings/{id}/delete", mappingDelete),
	in("POST /import/stop", importStop),
	in("POST /import/drop", importDrop),
	in("GET /import/refused", importRefused).taking(),

	// Lists: lists.go
	in("GET /lists", listsPage),
	in("GET /lists/pull", pullPage),
	in("POST /lists/pull", pullList).taking(),
	in("GET /lists/labels", labelsPage),
	in("GET /lists/{number}", listPage),
	in("POST /lists/{number}/attest", attestList),
	in("POST /lists/{number}/pass", passList),
	// Destroyed, kept longer, lost, counted: destroy.go, exceptions.go, destruction.go
	in("GET "+destroyedPath, destroyedPage),
	in("POST "+destroyedPath, destroyedAttest),
	in("GET /lists/{number}/exception", longerPage),
	in("POST /lists/{number}/exception", longerAsk),
	in("POST /lists/{number}/lost", lostAttest),
	in("GET "+exceptionsPath, exceptionsPage),
	in("GET "+exceptionsPath+"/{exception}", exceptionPage),
	in("POST "+exceptionsPath+"/{exception}", exceptionDecide),
	in("GET "+destructionPath, destructionPage),
	in("GET "+destructionPath+".csv", destructionFile("csv", "text/csv; charset=utf-8; header=present")),
	in("GET "+destructionPath+".xlsx", destructionFile("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")),
	in("GET "+destructionPath+".pdf", destructionFile("pdf", "application/pdf")),

	// Counted facts: reports.go
	in("GET "+reportsPath, reportsPage),
	in("GET "+reportsPath+".csv", reportsFile("csv", "text/csv; charset=utf-8")),
	in("GET "+reportsPath+".xlsx", reportsFile("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")),
	in("GET "+reportsPath+".svg", reportsPicture),
	in("GET "+reportsPath+".pdf", reportsFile("pdf", "application/pdf")),

	// Dues: dues.go, duescharge.go, duesimport.go, duesarrears.go, duesaccount.go
	in("GET "+duesPath, duesPage),
	in("POST "+duesPath+"/find", duesFind),
	in("POST "+duesPath+"/runs/{number}/undo", duesUndo).taking(),
	in("GET "+duesRates, duesRatesPage),
	in("POST "+duesRates, duesRatesSet),
	in("GET "+duesCharge, duesChargePage).taking(),
	in("POST "+duesCharge, duesChargeNow).taking(),
	in("GET "+duesRemind, duesRemindPage).taking(),
	in("POST "+duesRemind, duesRemindNow).taking(),
	in("GET "+duesImport, duesImportPage).taking(),
	in("POST "+duesImport, duesImportFile).with(bankSize + 1<<20).taking(),
	in("POST "+duesImport+"/enter", duesImportEnter).taking(),
	in("POST "+duesImport+"/drop", duesImportDrop),
	in("GET "+duesArrears, duesArrearsPage),
	in("POST "+duesArrears+"/file", duesArrearsFile).taking(),
	in("GET "+duesStatement, duesStatementPage),
	in("GET "+duesStatement+".csv", duesStatementFile("csv")),
	in("GET "+duesStatement+".pdf", duesStatementFile("pdf")),
	in("GET "+duesPath+"/accounts/{person}", duesAccountPage),
	in("POST "+duesPath+"/accounts/{person}/{charge}", duesEnter),
	in("GET "+meDues, meDuesPage).own(),
	in("POST /lists/{number}/handed", handList),
	in("POST /lists/{number}/handed/{holder}/gone", handedGone),

	// Holders outside, and what they are told: holders.go, notices.go
	open("GET /notice", noticeOpen),
	open("POST /notice", noticeAcknowledge),
	in("GET "+holdersPath, holdersPage),
	in("POST "+holdersPath, holderAdd),
	in("GET "+holdersPath+"/{holder}", holderPage),
	in("POST "+holdersPath+"/{holder}/contact", holderContact),
	in("POST "+holdersPath+"/{holder}/end", holderEnd),
	in("GET "+noticesPath, noticesPage),
	in("POST "+noticesPath+"/send", noticesSend),
	in("GET "+noticesPath+"/{notice}", noticePage),
	in("POST "+noticesPath+"/{notice}/settle", noticeSettle),
	in("POST "+noticesPath+"/{notice}/again", noticeAgain),

	// The master key: masterkey.go
	in("GET /access/master-key", masterPage),
	in("POST /access/master-key", masterArrange),
	in("POST /access/master-key/undo", masterUndo),

	// Letters to whoever has no e-mail: letters.go
	in("GET /letters", lettersPage),
	in("POST /letters/print", lettersPrint).taking(),
	in("POST /letters/posted", lettersPosted),
	in("GET /letters/{letter}", letterPage),
	in("POST /letters/{letter}/returned", letterReturned),
	in("POST /letters/{letter}/again", letterAgain),
	in("POST /letters/{letter}/drop", letterDrop),

	// Who has access, posts and positions: access.go, appoint.go
	in("GET /access", accessPage),
	in("GET /access/list.csv", accessFile("csv")),
	in("GET /access/list.xlsx", accessFile("xlsx")),
	// Requisitions and what is handed out for them: handouts.go, requisition.go
	in("GET "+requisitionsPath, requisitionsPage),
	in("GET "+requisitionNewPath, requisitionNewForm),
	in("POST "+requisitionNewPath, requisitionAsk),
	in("GET "+requisitionsPath+"/{case}", requisitionPage),
	in("POST "+requisitionsPath+"/{case}/decide", requisitionDecide).recent(),
	in("POST "+requisitionsPath+"/{case}/withdraw", requisitionWithdraw),
	in("POST "+requisitionsPath+"/{case}/again", requisitionAgain).recent(),
	in("POST "+requisitionsPath+"/{case}/code", requisitionCode).recent(),
	open("GET "+handoutPath, handoutPage),
	open("POST "+handoutPath+"/code", handoutCode),
	open("POST "+handoutPath+"/fetch", handoutFetch).taking(),
	open("POST "+handoutPath+"/attest", handoutAttest),
	// What members were told and agree to: consents.go
	in("GET "+consentsPath, ownConsentsPage),
	in("POST "+consentsPath, ownConsent),
	in("POST "+consentsPath+"/read", ownInformed),
	in("GET "+receiptsPath, ownReceiptsPage),
	in("GET "+receiptsPath+".json", ownReceipts),
	in("GET "+receiptsPath+".pdf", ownReceiptsPaper),
	in("GET "+consentBodyPath, consentBodyPage),
	in("POST "+consentBodyPath+"/inform", consentInform),
	// Signature sheets and slips: consentpaper.go
	in("GET "+consentPaperPath, consentPaperPage),
	in("POST "+consentPaperPath+"/print", consentSheetPrint).taking(),
	in("POST "+consentPaperPath+"/scan", consentScan).taking().with(paperSize),
	in("POST "+consentPaperPath+"/typed", consentTyped),
	in("POST "+consentPaperPath+"/end", consentSheetEnd),
	in("GET "+consentPaperPath+"/{person}/{paper}", consentOnePaper),
	in("POST "+consentPaperPath+"/{person}/{paper}", consentSettle),
	in("GET "+consentPaperPath+"/{person}/{paper}/picture", consentPicture),
	in("GET "+consentsPath+"/paper/{paper}", ownPicture),
	in("GET /members/{person}/consents", consentsPage),
	in("POST /members/{person}/consents", consentEnter),
	// Messages to members: mailings.go; what stops them: unsubscribe.go
	in("GET "+mailingsPath, mailingsPage),
	in("GET "+mailingNewPath, mailingNewForm),
	in("POST "+mailingNewPath, mailingCreate),
	in("GET "+mailingsPath+"/{mailing}", mailingPage),
	in("GET "+mailingsPath+"/{mailing}/edit", mailingEditForm),
	in("POST "+mailingsPath+"/{mailing}/edit", mailingUpdate),
	in("POST "+mailingsPath+"/{mailing}/test", mailingAct("mailing.notice.tested", mailingTest)),
	in("POST "+mailingsPath+"/{mailing}/submit", mailingAct("mailing.notice.submitted", mailingSubmit)),
	in("POST "+mailingsPath+"/{mailing}/back", mailingAct("mailing.notice.back", mailingTakeBack)),
	in("POST "+mailingsPath+"/{mailing}/approve", mailingAct("mailing.notice.approved", mailingApprove)).recent(),
	in("POST "+mailingsPath+"/{mailing}/refuse", mailingRefuse),
	in("POST "+mailingsPath+"/{mailing}/send", mailingAct("mailing.notice.sending", mailingSend)),
	in("POST "+mailingsPath+"/{mailing}/stop", mailingAct("mailing.notice.stopped", mailingStop)),
	in("POST "+mailingsPath+"/{mailing}/drop", mailingDrop),
	open("GET "+app.UnsubscribePath, unsubscribePage),
	open("POST "+app.UnsubscribePath, unsubscribeNow),
	open("POST "+app.UnsubscribePath+"/undo", resubscribe),
	// General meetings: meetings.go, meeting.go, meetingroll.go, meetingvotes.go
	in("GET "+meetingsPath, meetingsPage),
	in("GET "+meetingNew, meetingPlanForm),
	in("POST "+meetingNew, meetingPlan),
	in("GET "+meetingsPath+"/{meeting}", meetingPage),
	in("GET "+meetingsPath+"/{meeting}/plan", meetingChangeForm),
	in("POST "+meetingsPath+"/{meeting}/plan", meetingChange),
	in("GET "+meetingsPath+"/{meeting}/notice", meetingNoticeForm),
	in("POST "+meetingsPath+"/{meeting}/notice", meetingNoticeWrite),
	in("POST "+meetingsPath+"/{meeting}/noticed", meetingNoticed),
	in("POST "+meetingsPath+"/{meeting}/open", meetingOpen),
	in("POST "+meetingsPath+"/{meeting}/cancel", meetingCancel),
	in("POST "+meetingsPath+"/{meeting}/close", meetingClose),
	in("GET "+meetingsPath+"/{meeting}/roll", meetingRoll),
	in("POST "+meetingsPath+"/{meeting}/roll", meetingRollSearch),
	in("POST "+meetingsPath+"/{meeting}/roll/mark", meetingMark),
	in("POST "+meetingsPath+"/{meeting}/roll/proxy", meetingProxy),
	in("POST "+meetingsPath+"/{meeting}/roll/unlisted", meetingUnlisted),
	in("POST "+meetingsPath+"/{meeting}/sheet", meetingSheet).taking(),
	in("GET "+meetingsPath+"/{meeting}/protocol.pdf", meetingProtocol),
	in("POST "+meetingsPath+"/{meeting}/votes", meetingAsk),
	in("GET "+meetingsPath+"/{meeting}/votes/{line}", meetingPoll),
	in("POST "+meetingsPath+"/{meeting}/votes/{line}/stand", meetingStand),
	in("POST "+meetingsPath+"/{meeting}/votes/{line}/withdraw", meetingWithdraw),
	in("POST "+meetingsPath+"/{meeting}/votes/{line}/count", meetingCount),
	in("POST "+meetingsPath+"/{meeting}/votes/{line}/lot", meetingLot),
	in("POST "+meetingsPath+"/{meeting}/votes/{line}/again", meetingAgain),
	in("POST "+meetingsPath+"/{meeting}/votes/{line}/drop", meetingDrop),

	// Documented access: grants.go
	in("GET "+grantsPath, grantsPage),
	in("GET "+grantNewPath, grantNewForm),
	in("POST "+grantNewPath, grantPropose),
	in("GET "+grantsPath+"/{case}", grantPage),
	in("GET "+grantsPath+"/{case}/document.pdf", grantDocument),
	in("GET "+grantsPath+"/{case}/renew", grantRenewForm),
	in("POST "+grantsPath+"/{case}/renew", grantRenew),
	in("POST "+grantsPath+"/{case}/decide", grantDecide).recent(),
	in("POST "+grantsPath+"/{case}/withdraw", grantWithdraw),

	// The review of access: reviews.go, reviewline.go
	in("GET "+reviewsPath, reviewsPage),
	in("POST "+reviewsPath, reviewOpen).recent(),
	in("GET "+reviewsPath+"/{review}", reviewPage),
	in("POST "+reviewsPath+"/{review}/close", reviewClose).recent(),
	in("POST "+reviewsPath+"/{review}/confirm", reviewConfirm),
	in("GET "+reviewsPath+"/{review}/report.pdf", reviewReport),
	in("GET "+reviewsPath+"/{review}/body/{unit}", reviewSheet),
	in("GET "+reviewLinePath+"/{line}", reviewLinePage),
	in("POST "+reviewLinePath+"/{line}", reviewAnswer),
	in("POST "+reviewLinePath+"/{line}/undo", reviewUndo),

	// The yearly audit and what bodies tell of changes: audits.go, changes.go
	in("GET "+auditsPath, auditsPage),
	in("POST "+auditsPath, auditOpen).recent(),
	in("GET "+auditsPath+"/{audit}", auditPage),
	in("GET "+auditsPath+"/{audit}/body/{unit}", auditBodyPage),
	in("POST "+auditsPath+"/{audit}/body/{unit}", auditActs),
	in("GET "+auditsPath+"/{audit}/body/{unit}/roll", auditRoll),
	in("POST "+auditsPath+"/{audit}/body/{unit}/roll", auditMark),
	in("GET "+auditsPath+"/{audit}/body/{unit}/wrong/{person}", auditWrong),
	in("POST "+auditsPath+"/{audit}/body/{unit}/wrong/{person}", auditWrongTell),
	in("GET "+auditsPath+"/{audit}/body/{unit}/report.pdf", auditReport),
	in("GET "+changesPath, changesPage),
	in("GET "+changesNew, changeNew),
	in("POST "+changesNew, changeTell),
	in("GET "+changesPath+"/{change}", changePage),
	in("POST "+changesPath+"/{change}", changeSettle),

	in("GET /access/substitutes", substitutesPage),
	in("POST /access/substitutes", substitute),
	in("GET /access/cover/{id}", coverPage),
	in("POST /access/cover/{id}", cover),
	in("POST /access/cover/{id}/end/{person}/{cover}", uncover),
	in("GET /access/handover", handoverPage).recent(),
	in("POST /access/handover", handover).recent(),
	in("POST /access/handover/file", boardFile).with(boardSize + formSize).recent(),
	in("GET /access/appoint", appointPage),
	in("POST /access/appoint", appoint),
	in("GET /access/staff", staffNewPage).recent(),
	in("POST /access/staff", employ).recent(),
	in("GET /access/held/{person}/{id}", endPage),
	in("POST /access/held/{person}/{id}", endHeld),

	// Backups: backups.go
	in("GET /backups", backupsPage),
	in("POST /backups/run", backupBegin(backup.Archiving)),
	in("POST /backups/drill", backupBegin(backup.Drilling)),
	in("POST /backups/seen", backupSeen),
	// What is kept for the accounts of those who have left: kept.go
	in("GET /accounts", keptBodiesPage),
	in("GET /accounts/{code}", keptPage),
	in("GET /accounts/{code}/list.csv", keptFile),

	// Bodies: bodies.go
	in("GET /bodies", bodiesPage),
	in("GET /bodies/{code}", bodyPage),
	in("GET /bodies/{code}/add", bodyAddPage),
	in("POST /bodies/{code}/add", bodyAdd),
	in("POST /bodies/{code}/name", bodyRename),
	in("POST /bodies/{code}/accounts", bodyAccounts),
	in("POST /bodies/{code}/close", bodyClose),
	in("POST /bodies/{code}/reopen", bodyReopen),

	// Retention: retention.go
	open("GET "+retentionPath, retentionOpen),
	in("POST "+retentionPath+"/plan", retentionPlan).taking(),
	in("POST "+retentionPath+"/run", retentionRun).taking().recent(),
	in("POST "+retentionPath+"/clock", clockConfirm).recent(),
	in("GET "+retentionPath+"/stopped/{number}", brakePage),
	in("POST "+retentionPath+"/stopped/{number}/approve", brakeApprove).recent(),
	in("POST "+retentionPath+"/stopped/{number}/refuse", brakeRefuse).recent(),
	in("GET "+whyOwnPath, whyOwn).own(),
	in("GET /members/{person}/why", whyPage),

	// Leaving: leaving.go, closing.go
	in("GET /members/{person}/resign", resignPage),
	in("POST /members/{person}/resign", resign),
	in("POST /members/{person}/resign/withdraw", resignWithdraw),
	in("POST /leaving/enter", enterResignation),
	// Many at once: many.go
	in("GET "+manyPath, manyPage).taking(),
	in("POST "+manyPreview, manyPreviewPage).with(manySize + formSize).taking(),
	in("POST "+manyPath, manyClose).with(manySize).taking().recent(),
	in("GET "+manyPath+"/{batch}", batchPage),
	in("POST "+manyPath+"/{batch}", batchDecide).taking().recent(),
	in("POST "+manyPath+"/{batch}/undo", batchUndo).taking(),
	in("GET /leaving", leavingQueue),
	in("GET /leaving/certificates/{number}", certificateStanding),
	in("GET /holds", holdsPage),
	in("GET /holds/{person}", holdPage),
	in("POST /holds/{person}", holdPlace),
	in("POST /holds/{person}/{hold}/renew", holdRenew),
	in("POST /holds/{person}/{hold}/end", holdEnd),
	in("GET /leaving/{person}", departurePage),
	in("POST /leaving/{person}/close", departureClose),
	in("POST /leaving/{person}/withdraw", departureWithdraw),
	in("POST /leaving/{person}/undo", departureUndo),
	in("POST /leaving/{person}/confirm", departureConfirm).taking().recent(),
}

// Paths that pages of several rooms lead to. A person stands in them by public id.
const (
	homePath    = "/"
	mePath      = "/me"
	membersPath = "/members"
	importPath  = "/import"
	listsPath   = "/lists"
	newsPath    = "/news"
	roundsPath  = "/rounds"
	pullPath    = "/lists/pull"
	labelsPath  = "/lists/labels"
	lettersPath = "/letters"
	accessPath  = "/access"
	leavingPath = "/leaving"
	logPath     = "/log"
	keysPath    = "/keys"
)
