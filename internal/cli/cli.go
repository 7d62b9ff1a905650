// Package cli is the face on the console: it reads a command line, calls one act
// of one room and prints what came of it, as text or as JSON. Every command
// stands in the grammar (grammar.go); the commands of a room stand in one thin
// file. Whoever acts is named by --as, decided and journaled like on a page.
//
// A command that needs the register runs inside the server that has it open, if
// there is one (remote.go), otherwise here, under the directory's lock.
//
// It may know app, the rooms and the catalogue, and never the database. It
// decides nothing. No text of a person enters an error, a log or a file it was
// not told to write.
package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"os/user"
	"strconv"
	"syscall"

	"kartotek/internal/locale"
)

// What a command ends with. Find alone has a third answer.
const (
	done  = 0
	fails = 1 // refused or failed; the reason stands on standard error
	usage = 2 // wrong usage
	found = 3 // find: the text stands somewhere
)

// Main runs the program on the process's arguments and streams and returns its
// exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	defer stop()
	return Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// Run is Main on given arguments and streams. The end of the context cancels
// the act.
func Run(ctx context.Context, args []string, in, out, errs *os.File) int {
	p := locale.For(chooseLanguage(args, os.Getenv))
	d := newDesk(p, in, out, errs)
	d.osUser = ownName()
	code := d.code(execute(ctx, args, d))
	if err := d.out.Flush(); err != nil && code == done {
		return d.code(err)
	}
	return code
}

// execute parses the arguments and carries the command out.
func execute(ctx context.Context, args []string, d *desk) error {
	call, err := parse(args, d.p)
	if err != nil {
		return err
	}
	if call.help != nil {
		return d.help(call.help)
	}
	d.json = call.grammar.JSON
	if c, ok := call.command.(housed); ok {
		return d.atHouse(ctx, &call.grammar, args, c)
	}
	d.grammar = &call.grammar
	return call.command.run(ctx, d)
}

// exit is an answer that is no failure and has a code of its own.
type exit int

func (e exit) Error() string { return "exit " + strconv.Itoa(int(e)) }

// code tells an error, if it is one, and gives the exit code.
func (d *desk) code(err error) int {
	var answer exit
	var wrong *usageError
	switch {
	case err == nil:
		return done
	case errors.As(err, &answer):
		return int(answer)
	case errors.As(err, &wrong):
		d.tellUsage(wrong)
		return usage
	}
	d.tell(err)
	return fails
}

// ownName is the operating system's name for who runs the program, which the
// journal notes.
func ownName() string { return userName(os.Getuid()) }

func userName(uid int) string {
	if uid < 0 { // no such numbers on Windows
		if u, err := user.Current(); err == nil {
			return u.Username
		}
		return ""
	}
	number := strconv.Itoa(uid)
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return number
}
