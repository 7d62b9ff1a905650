package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// refuse prints one sentence to standard error, and the next step under it.
func (d *desk) refuse(sentence, next string) {
	fmt.Fprintf(d.errs, "kartotek: %s\n", sentence)
	if next != "" {
		fmt.Fprintf(d.errs, "  %s\n", next)
	}
}

// known are errors of the ground that whoever runs the program can act upon.
// Their message is cli.error.<name>, the next step cli.next.<name>.
var known = []struct {
	err  error
	name string
}{
	{app.ErrNoRegister, "no_register"},
	{context.Canceled, "interrupted"},
	{errHungUp, "hung_up"},
	{errForeign, "foreign"},
	{vault.ErrMasterExposed, "master_exposed"},
	{vault.ErrMasterLength, "master_length"},
	{vault.ErrWrongMaster, "wrong_master"},
	{vault.ErrWrongPassphrase, "wrong_passphrase"},
	{vault.ErrNoPassphrase, "no_passphrase"},
	{vault.ErrNobodyToAsk, "nobody_to_ask"},
	{vault.ErrNoCredentials, "no_credentials"},
	{vault.ErrCredentialName, "credential_name"},
	{vault.ErrSameMaster, "same_master"},
	{vault.ErrDamagedKeys, "damaged_keys"},
	{vault.ErrNoKeyring, "no_keyring"},
	{vault.ErrKeyringOlder, "older_keyring"},
	{vault.ErrLedgerOlder, "older_keyring"},
	{vault.ErrLedgerForked, "other_keyring"},
	{vault.ErrLedgerTampered, "ledger_tampered"},
	{vault.ErrCopyNewer, "copy_newer"},
	{vault.ErrNoCopy, "no_copy"},
	{app.ErrKeyringStands, "keyring_stands"},
}

// tell says what is wrong and what to do next, in the catalogue's words.
func (d *desk) tell(err error) {
	var rules charter.Errors
	if errors.As(err, &rules) {
		fmt.Fprintln(d.errs, rules.In(d.p.Lang()))
		d.refuse(d.p.T("cli.error.charter", "count", len(rules)), d.p.T("cli.next.charter"))
		return
	}
	var weak *vault.WeakError
	if errors.As(err, &weak) {
		d.refuse(d.p.T("master.weak."+weak.Why), d.p.T("master.weak_next"))
		return
	}
	var shares *vault.ShareError
	if errors.As(err, &shares) {
		d.tellShares(shares)
		return
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			d.refuse(d.p.T("cli.error."+k.name), d.p.T("cli.next."+k.name))
			return
		}
	}
	var place *app.PlaceError
	if errors.As(err, &place) {
		d.refuse(d.p.T("cli.error.place", "value", place.Address), d.p.T("cli.next.place"))
		return
	}
	if app.Held(err) {
		d.refuse(d.p.T("cli.error.held"), d.p.T("cli.next.held"))
		return
	}
	var at *fs.PathError
	e := app.Plain(err)
	if e.Code == fault.Internal && errors.As(err, &at) {
		d.refuse(d.p.T(pathKey(at), "path", at.Path, "detail", at.Err.Error()), "")
		return
	}
	if e.Code == fault.Internal {
		// Whoever sits at the console runs the machine: the cause is theirs to
		// know. No error of a room carries a text of a person.
		d.refuse(d.p.T("cli.error.internal"), err.Error())
		return
	}
	if code, ok := e.Args["act"].(string); ok && d.p.Has("access.act."+code) {
		e = fault.New(e.Code, e.Key, "act", d.p.T("access.act."+code))
	}
	d.refuse(locale.Error(d.p, e), d.next(e))
	for _, f := range locale.FieldTexts(d.p, e) {
		fmt.Fprintf(d.errs, "  %s: %s\n", f.Name, f.Text)
	}
}

// next is the step that is left after a refusal, where its own words name none.
func (d *desk) next(e *fault.Error) string {
	own, ours := strings.CutPrefix(e.Key, "cli.error.")
	switch {
	case ours && d.p.Has("cli.next."+own):
		return d.p.T("cli.next." + own)
	case strings.HasPrefix(e.Key, "access.denied."):
		return d.p.T("cli.next.denied")
	case e.Code == fault.Unavailable && e.Cause != nil:
		return e.Cause.Error()
	}
	return ""
}

func pathKey(e *fs.PathError) string {
	switch {
	case errors.Is(e, fs.ErrNotExist):
		return "cli.error.file_none"
	case errors.Is(e, fs.ErrExist):
		return "cli.error.file_exists"
	case errors.Is(e, fs.ErrPermission):
		return "cli.error.file_permission"
	case errors.Is(e, os.ErrDeadlineExceeded):
		return "cli.error.interrupted"
	}
	return "cli.error.file"
}
