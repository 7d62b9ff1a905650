package cli

import (
	"context"
	"path/filepath"

	"github.com/alecthomas/kong"

	"kartotek/internal/locale"
)

// grammar is everything the program understands. Its help stands in the
// catalogue (words.go).
type grammar struct {
	// Where a register is.
	Data       string `placeholder:"DIR" default:"kartotek-data" env:"KARTOTEK_DATA"`
	Keys       string `placeholder:"DIR" env:"KARTOTEK_KEYS"`
	MasterKey  string `placeholder:"FILE|credential[:NAME]|passphrase" env:"KARTOTEK_MASTER_KEY"`
	Descriptor int    `name:"passphrase-fd" default:"-1" placeholder:"N"`
	Database   string `placeholder:"DSN" env:"KARTOTEK_DATABASE"`

	KeyCopy []string `name:"key-copy" placeholder:"ADDRESS" env:"KARTOTEK_KEY_COPIES"`

	// How the program speaks.
	Lang    string `placeholder:"LANG"`
	JSON    bool   `name:"json"`
	Help    bool   `short:"h"`
	Version bool

	// How it serves.
	Listen       string   `group:"serve" placeholder:"ADDR" default:"127.0.0.1:8080" env:"KARTOTEK_LISTEN"`
	URL          string   `group:"serve" name:"url" placeholder:"URL" env:"KARTOTEK_URL"`
	TrustedProxy []string `group:"serve" name:"trusted-proxy" placeholder:"CIDR" env:"KARTOTEK_TRUSTED_PROXY"`
	SMTPHost     string   `group:"serve" name:"smtp-host" placeholder:"HOST" env:"KARTOTEK_SMTP_HOST"`
	SMTPPort     int      `group:"serve" name:"smtp-port" placeholder:"PORT" env:"KARTOTEK_SMTP_PORT"`
	SMTPSecurity string   `group:"serve" name:"smtp-security" enum:"starttls,tls,plain" default:"starttls" placeholder:"starttls|tls|plain" env:"KARTOTEK_SMTP_SECURITY"`
	SMTPUser     string   `group:"serve" name:"smtp-user" placeholder:"USER" env:"KARTOTEK_SMTP_USER"`
	MailFrom     string   `group:"serve" name:"mail-from" placeholder:"E-MAIL" env:"KARTOTEK_MAIL_FROM"`
	MailName     string   `group:"serve" name:"mail-name" placeholder:"NAME" env:"KARTOTEK_MAIL_NAME"`
	MailReplyTo  string   `group:"serve" name:"mail-reply-to" placeholder:"E-MAIL" env:"KARTOTEK_MAIL_REPLY_TO"`

	backupFlags
	webhookFlags

	Demo  demoCommand  `cmd:"" group:"begin"`
	Init  initCommand  `cmd:"" group:"begin"`
	Serve serveCommand `cmd:"" group:"begin"`

	Unit struct {
		List   unitListCommand   `cmd:""`
		Add    unitAddCommand    `cmd:""`
		Import unitImportCommand `cmd:""`

		Accounts unitAccountsCommand `cmd:""`
	} `cmd:"" group:"members"`
	Household struct {
		Show    householdShowCommand    `cmd:""`
		Propose householdProposeCommand `cmd:""`
		Join    householdJoinCommand    `cmd:""`
		Leave   householdLeaveCommand   `cmd:""`
		Apart   householdApartCommand   `cmd:""`
		Split   householdSplitCommand   `cmd:""`
	} `cmd:"" group:"members"`
	Member struct {
		Returned memberReturnedCommand `cmd:""`
		Protect  memberProtectCommand  `cmd:""`
		Upkeep   memberUpkeepCommand   `cmd:""`
	} `cmd:"" group:"members"`
	Import  importCommand `cmd:"" group:"members"`
	Mapping struct {
		List   mappingListCommand   `cmd:""`
		Rename mappingRenameCommand `cmd:""`
		Delete mappingDeleteCommand `cmd:""`
	} `cmd:"" group:"members"`
	Join struct {
		List    joinListCommand    `cmd:""`
		Show    joinShowCommand    `cmd:""`
		Accept  joinAcceptCommand  `cmd:""`
		Decline joinDeclineCommand `cmd:""`
		Same    joinSameCommand    `cmd:""`
	} `cmd:"" group:"members"`
	Search searchCommand `cmd:"" group:"members"`
	Trace  traceCommand  `cmd:"" group:"members"`

	Category categoryCommand `cmd:"" group:"members"`
	Alike    alikeCommand    `cmd:"" group:"members"`
	Merge    mergeCommand    `cmd:"" group:"members"`

	List struct {
		Pull    listPullCommand    `cmd:""`
		Mine    listMineCommand    `cmd:""`
		Overdue listOverdueCommand `cmd:""`
		Destroy listDestroyCommand `cmd:""`

		Destroyed listDestroyedCommand `cmd:""`
		Report    listReportCommand    `cmd:""`
		Exception struct {
			Ask    exceptionAskCommand    `cmd:""`
			Lost   exceptionLostCommand   `cmd:""`
			List   exceptionListCommand   `cmd:""`
			Decide exceptionDecideCommand `cmd:""`
		} `cmd:""`
	} `cmd:"" group:"members"`
	Letters struct {
		List     lettersListCommand     `cmd:""`
		Print    lettersPrintCommand    `cmd:""`
		Posted   lettersPostedCommand   `cmd:""`
		Returned lettersReturnedCommand `cmd:""`
		Again    lettersAgainCommand    `cmd:""`
		Drop     lettersDropCommand     `cmd:""`
	} `cmd:"" group:"members"`
	Holder struct {
		List holderListCommand `cmd:""`
		Add  holderAddCommand  `cmd:""`
		Hand holderHandCommand `cmd:""`
		End  holderEndCommand  `cmd:""`
	} `cmd:"" group:"leaving"`
	Notice struct {
		List        noticeListCommand        `cmd:""`
		Show        noticeShowCommand        `cmd:""`
		Send        noticeSendCommand        `cmd:""`
		Acknowledge noticeAcknowledgeCommand `cmd:""`
		Refuse      noticeRefuseCommand      `cmd:""`
	} `cmd:"" group:"leaving"`
	Hold struct {
		Place holdPlaceCommand `cmd:""`
		Renew holdRenewCommand `cmd:""`
		End   holdEndCommand   `cmd:""`
		List  holdListCommand  `cmd:""`
	} `cmd:"" group:"members"`
	Kept struct {
		List keptListCommand `cmd:""`
		End  keptEndCommand  `cmd:""`
	} `cmd:"" group:"members"`
	News newsCommand `cmd:"" group:"members"`

	Report struct {
		Members   reportMembersCommand   `cmd:""`
		Joined    reportJoinedCommand    `cmd:""`
		Headcount reportHeadcountCommand `cmd:""`
	} `cmd:"" group:"members"`

	Meeting struct {
		Plan   meetingPlanCommand   `cmd:""`
		List   meetingListCommand   `cmd:""`
		Show   meetingShowCommand   `cmd:""`
		Notice meetingNoticeCommand `cmd:""`
		Open   meetingOpenCommand   `cmd:""`
		Cancel meetingCancelCommand `cmd:""`
		Roll   meetingRollCommand   `cmd:""`
		Mark   meetingMarkCommand   `cmd:""`
		Stand  meetingStandCommand  `cmd:""`
		Count  meetingCountCommand  `cmd:""`
		Board  meetingBoardCommand  `cmd:""`
		Close  meetingCloseCommand  `cmd:""`
	} `cmd:"" group:"members"`

	Round struct {
		Begin roundBeginCommand `cmd:""`
		List  roundListCommand  `cmd:""`
		Next  roundNextCommand  `cmd:""`
		Mark  roundMarkCommand  `cmd:""`
		End   roundEndCommand   `cmd:""`
	} `cmd:"" group:"members"`

	Dues struct {
		Rates     duesRatesCommand     `cmd:""`
		Charge    duesChargeCommand    `cmd:""`
		Pay       duesPayCommand       `cmd:""`
		Import    duesImportCommand    `cmd:""`
		Remind    duesRemindCommand    `cmd:""`
		Arrears   duesArrearsCommand   `cmd:""`
		Statement duesStatementCommand `cmd:""`
	} `cmd:"" group:"members"`

	Transfer struct {
		List    transferListCommand    `cmd:""`
		Propose transferProposeCommand `cmd:""`
		Accept  transferAcceptCommand  `cmd:""`
		Refuse  transferRefuseCommand  `cmd:""`
		Cancel  transferCancelCommand  `cmd:""`
	} `cmd:"" group:"members"`

	Access accessCommand `cmd:"" group:"access"`
	Post   struct {
		List postListCommand `cmd:""`
		Add  postAddCommand  `cmd:""`
		End  postEndCommand  `cmd:""`

		Import     postImportCommand     `cmd:""`
		Cover      postCoverCommand      `cmd:""`
		Substitute postSubstituteCommand `cmd:""`
	} `cmd:"" group:"access"`
	Mailing struct {
		Write   mailingWriteCommand   `cmd:""`
		Preview mailingPreviewCommand `cmd:""`
		Submit  mailingSubmitCommand  `cmd:""`
		Approve mailingApproveCommand `cmd:""`
		Refuse  mailingRefuseCommand  `cmd:""`
		Send    mailingSendCommand    `cmd:""`
		Stop    mailingStopCommand    `cmd:""`
		List    mailingListCommand    `cmd:""`
		Show    mailingShowCommand    `cmd:""`
	} `cmd:"" group:"members"`

	Grant struct {
		Propose  grantProposeCommand  `cmd:""`
		Decide   grantDecideCommand   `cmd:""`
		Withdraw grantWithdrawCommand `cmd:""`
		Renew    grantRenewCommand    `cmd:""`
		List     grantListCommand     `cmd:""`
		Show     grantShowCommand     `cmd:""`
	} `cmd:"" group:"access"`
	Passing struct {
		Status    passingStatusCommand    `cmd:""`
		Preview   passingPreviewCommand   `cmd:""`
		Run       passingRunCommand       `cmd:""`
		Decide    passingDecideCommand    `cmd:""`
		Export    passingExportCommand    `cmd:""`
		Ack       passingAckCommand       `cmd:""`
		Again     passingAgainCommand     `cmd:""`
		Course    passingCourseCommand    `cmd:""`
		Reconcile passingReconcileCommand `cmd:""`
	} `cmd:"" group:"members"`
	Consent struct {
		List     consentListCommand     `cmd:""`
		Give     consentGiveCommand     `cmd:""`
		Withdraw consentWithdrawCommand `cmd:""`
		Count    consentCountCommand    `cmd:""`
		Inform   consentInformCommand   `cmd:""`
		Receipt  consentReceiptCommand  `cmd:""`
		Verify   consentVerifyCommand   `cmd:""`
		Sheet    consentSheetCommand    `cmd:""`
		Scan     consentScanCommand     `cmd:""`
		Papers   consentPapersCommand   `cmd:""`
		Settle   consentSettleCommand   `cmd:""`
		End      consentEndCommand      `cmd:""`
	} `cmd:"" group:"members"`
	Requisition struct {
		Ask      requisitionAskCommand      `cmd:""`
		List     requisitionListCommand     `cmd:""`
		Show     requisitionShowCommand     `cmd:""`
		Approve  requisitionApproveCommand  `cmd:""`
		Refuse   requisitionRefuseCommand   `cmd:""`
		Withdraw requisitionWithdrawCommand `cmd:""`
		Again    requisitionAgainCommand    `cmd:""`
		Code     requisitionCodeCommand     `cmd:""`
	} `cmd:"" group:"access"`
	Review struct {
		Open   reviewOpenCommand   `cmd:""`
		List   reviewListCommand   `cmd:""`
		Show   reviewShowCommand   `cmd:""`
		Answer reviewAnswerCommand `cmd:""`
		Close  reviewCloseCommand  `cmd:""`
		Report reviewReportCommand `cmd:""`
		Verify reviewVerifyCommand `cmd:""`
	} `cmd:"" group:"access"`
	Audit struct {
		Open    auditOpenCommand    `cmd:""`
		List    auditListCommand    `cmd:""`
		Show    auditShowCommand    `cmd:""`
		Answer  auditAnswerCommand  `cmd:""`
		Confirm auditConfirmCommand `cmd:""`
		Report  auditReportCommand  `cmd:""`
		Verify  auditVerifyCommand  `cmd:""`
	} `cmd:"" group:"members"`
	Change struct {
		Tell   changeTellCommand   `cmd:""`
		List   changeListCommand   `cmd:""`
		Settle changeSettleCommand `cmd:""`
	} `cmd:"" group:"members"`
	Agreement struct {
		List        agreementListCommand        `cmd:""`
		Ask         agreementAskCommand         `cmd:""`
		Show        agreementShowCommand        `cmd:""`
		Sign        agreementSignCommand        `cmd:""`
		Accept      agreementAcceptCommand      `cmd:""`
		Return      agreementReturnCommand      `cmd:""`
		Countersign agreementCountersignCommand `cmd:""`
		Remind      agreementRemindCommand      `cmd:""`
		Renew       agreementRenewCommand       `cmd:""`
		Export      agreementExportCommand      `cmd:""`
		Certificate agreementCertificateCommand `cmd:""`
		Verify      agreementVerifyCommand      `cmd:""`
	} `cmd:"" group:"members"`
	Processor struct {
		List       processorListCommand       `cmd:""`
		Add        processorAddCommand        `cmd:""`
		End        processorEndCommand        `cmd:""`
		Agree      processorAgreeCommand      `cmd:""`
		Object     processorObjectCommand     `cmd:""`
		Objections processorObjectionsCommand `cmd:""`
		Answer     processorAnswerCommand     `cmd:""`
	} `cmd:"" group:"members"`
	Staff struct {
		List staffListCommand `cmd:""`
		Add  staffAddCommand  `cmd:""`
		End  staffEndCommand  `cmd:""`
	} `cmd:"" group:"access"`

	Signin struct {
		Recover signinRecoverCommand `cmd:""`
		Vouch   signinVouchCommand   `cmd:""`
	} `cmd:"" group:"access"`

	Close    closeCommand `cmd:"" group:"leaving"`
	Closings struct {
		List    closingsListCommand   `cmd:""`
		Approve closingsDecideCommand `cmd:""`
		Refuse  closingsRefuseCommand `cmd:""`
		Undo    closingsUndoCommand   `cmd:""`
	} `cmd:"" group:"leaving"`
	Resign  resignCommand  `cmd:"" group:"leaving"`
	Reasons reasonsCommand `cmd:"" group:"leaving"`

	Erase eraseCommand `cmd:"" group:"leaving"`
	Find  findCommand  `cmd:"" group:"leaving"`

	Check     checkCommand `cmd:"" group:"proof"`
	Retention struct {
		Plan    retentionPlanCommand    `cmd:""`
		Run     retentionRunCommand     `cmd:""`
		Rules   retentionRulesCommand   `cmd:""`
		Why     retentionWhyCommand     `cmd:""`
		Approve retentionApproveCommand `cmd:""`
		Clock   retentionClockCommand   `cmd:""`
	} `cmd:"" group:"leaving"`

	Journal struct {
		Verify     journalVerifyCommand     `cmd:""`
		Checkpoint journalCheckpointCommand `cmd:""`
		Export     journalExportCommand     `cmd:""`
	} `cmd:"" group:"proof"`
	Year struct {
		Show     yearShowCommand     `cmd:"" default:"withargs"`
		Calendar yearCalendarCommand `cmd:""`
		Paper    yearPaperCommand    `cmd:""`
	} `cmd:"" group:"access"`
	Directory struct {
		Show   directoryShowCommand   `cmd:""`
		Choose directoryChooseCommand `cmd:""`
		Open   directoryOpenCommand   `cmd:""`
		Page   directoryPageCommand   `cmd:""`
		Print  directoryPrintCommand  `cmd:""`
	} `cmd:"" group:"members"`
	Privacy struct {
		Show privacyShowCommand `cmd:""`
		PDF  privacyPDFCommand  `cmd:"" name:"pdf"`
	} `cmd:"" group:"proof"`
	Declaration struct {
		List      declarationListCommand      `cmd:""`
		Show      declarationShowCommand      `cmd:""`
		Versions  declarationVersionsCommand  `cmd:""`
		Diff      declarationDiffCommand      `cmd:""`
		Check     declarationCheckCommand     `cmd:""`
		Export    declarationExportCommand    `cmd:""`
		Write     declarationWriteCommand     `cmd:""`
		Submit    declarationSubmitCommand    `cmd:""`
		Approve   declarationApproveCommand   `cmd:""`
		Refuse    declarationRefuseCommand    `cmd:""`
		Publish   declarationPublishCommand   `cmd:""`
		Announced declarationAnnouncedCommand `cmd:""`
	} `cmd:"" group:"proof"`
	Procedure struct {
		Show     procedureShowCommand     `cmd:""`
		Publish  procedurePublishCommand  `cmd:""`
		Versions procedureVersionsCommand `cmd:""`
		Diff     procedureDiffCommand     `cmd:""`
		PDF      procedurePDFCommand      `cmd:"" name:"pdf"`
	} `cmd:"" group:"proof"`
	Charter struct {
		Check charterCheckCommand `cmd:""`
		Show  charterShowCommand  `cmd:""`
	} `cmd:"" group:"proof"`
	Certificate struct {
		Verify certificateVerifyCommand `cmd:""`
		Key    certificateKeyCommand    `cmd:""`
		Show   certificateShowCommand   `cmd:""`
	} `cmd:"" group:"proof"`
	Backup struct {
		Make   backupMakeCommand   `cmd:"" default:"withargs"`
		List   backupListCommand   `cmd:""`
		Verify backupVerifyCommand `cmd:""`
		Drill  backupDrillCommand  `cmd:""`
		Key    backupKeyCommand    `cmd:""`
		Newer  backupNewerCommand  `cmd:""`
	} `cmd:"" group:"proof"`
	Restore restoreCommand `cmd:"" group:"proof"`
	Keyring struct {
		Status  keysStatusCommand  `cmd:""`
		Verify  keysVerifyCommand  `cmd:""`
		Retire  keysRetireCommand  `cmd:""`
		Rebuild keysRebuildCommand `cmd:""`
		Check   keysCheckCommand   `cmd:""`
		Rotate  keysRotateCommand  `cmd:""`
		Share   keysShareCommand   `cmd:""`
		Discard keysDiscardCommand `cmd:""`
		Recover keysRecoverCommand `cmd:""`
		Moved   keysMovedCommand   `cmd:""`
		Arrange keysArrangeCommand `cmd:""`
	} `cmd:"" name:"keys" group:"proof"`
	Bench benchCommand `cmd:"" group:"proof"`
}

// groups are the chapters of the help, in order.
var groups = []string{"begin", "members", "access", "leaving", "proof"}

// command is what can be carried out.
type command interface {
	run(ctx context.Context, d *desk) error
}

// housed is a command that needs the register open: its run finds it in
// desk.house, here or inside the server. It opens no file by itself: what it
// needs is opened by whoever typed it, and handed over.
type housed interface {
	command
	needs() []wish
}

// checked is a command whose flags go together in ways the grammar cannot say.
// It gives the message key, and its arguments, of what is wrong; "" is right.
type checked interface {
	check() (key string, args []any)
}

// prepared is a housed command that asks something of whoever typed it, before
// it is carried out here or in the server.
type prepared interface {
	prepare(ctx context.Context, d *desk) error
}

// inHouse makes a command housed that needs no file.
type inHouse struct{}

func (inHouse) needs() []wish { return nil }

// invocation is a parsed command line.
type invocation struct {
	grammar grammar
	command command
	help    *helpRequest // instead of a command
}

// helpRequest asks for the help of a command, or of the program.
type helpRequest struct {
	node    *kong.Node
	version bool
	refused bool // nothing was asked for: the help is the answer to wrong usage
}

// parse reads a command line. What it refuses is a usageError.
func parse(args []string, p *locale.Printer) (*invocation, error) {
	call := &invocation{}
	k, err := kong.New(&call.grammar, kong.Name("kartotek"), kong.NoDefaultHelp(), kong.Exit(func(int) {}))
	if err != nil {
		return nil, err // a defect of the grammar; a test would tell
	}
	texts(p, k.Model.Node)
	if call.help = askedForHelp(args, k.Model.Node); call.help != nil {
		return call, nil
	}
	read, err := k.Parse(args)
	if err != nil {
		return nil, newUsageError(err, k.Model.Node, args)
	}
	node := read.Selected()
	var ok bool
	if call.command, ok = node.Target.Addr().Interface().(command); !ok {
		return nil, newUsageError(errIncomplete, k.Model.Node, args)
	}
	if c, ok := call.command.(checked); ok {
		if key, args := c.check(); key != "" {
			return nil, &usageError{key: key, args: args, node: node}
		}
	}
	if call.grammar.Lang != "" && !spoken(call.grammar.Lang) {
		return nil, &usageError{key: "cli.usage.language", args: []any{"value", call.grammar.Lang, "known", locale.Languages()}, node: node}
	}
	return call, nil
}

// keysDir is where the keyring is: beside the data unless told.
func (g *grammar) keysDir() string {
	if g.Keys != "" {
		return g.Keys
	}
	return filepath.Join(filepath.Dir(filepath.Clean(g.Data)), "kartotek-keys")
}
