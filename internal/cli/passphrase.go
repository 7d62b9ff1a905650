package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/term"

	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// longestPassphrase is what is read of one, in bytes.
const longestPassphrase = 4096

// asker asks whoever runs the program for a passphrase: through the descriptor
// that was named, at the terminal without showing it, or through systemd's
// password agents. Arguments and environment can be read by others and are none.
func (d *desk) asker(descriptor int) func(ctx context.Context, a vault.Asking) (string, error) {
	read := ""
	return func(ctx context.Context, a vault.Asking) (string, error) {
		if descriptor >= 0 {
			if a.Attempt > 1 {
				return "", vault.ErrNobodyToAsk // it was not right, and there is no other
			}
			if read != "" {
				return read, nil // a command may open the keyring twice
			}
			var err error
			read, err = readPassphrase(descriptor)
			return read, err
		}
		if a.Attempt > 1 {
			d.note("master.ask.again")
		}
		if !a.New {
			return d.askHidden(ctx, "master.ask.now")
		}
		for {
			first, err := d.askHidden(ctx, "master.ask.new")
			if err != nil {
				return "", err
			}
			if why := vault.Weakness(first); why != "" {
				d.note("master.weak." + why)
				d.note("master.weak_next")
				continue
			}
			second, err := d.askHidden(ctx, "master.ask.repeat")
			if err != nil || first == second {
				return first, err
			}
			d.note("master.ask.differ")
		}
	}
}

// readPassphrase reads the first line of a descriptor.
func readPassphrase(descriptor int) (string, error) {
	file := os.NewFile(uintptr(descriptor), "passphrase")
	if file == nil {
		return "", fault.New(fault.Invalid, "master.error.descriptor", "number", descriptor)
	}
	if _, err := file.Stat(); err != nil {
		return "", fault.New(fault.Invalid, "master.error.descriptor", "number", descriptor)
	}
	defer file.Close()
	return firstLine(file)
}

func firstLine(from io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(from, longestPassphrase)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// askHidden asks at the terminal, else through systemd.
func (d *desk) askHidden(ctx context.Context, key string) (string, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return d.askSystemd(ctx, key)
	}
	defer tty.Close()
	if _, err := io.WriteString(tty, d.p.T(key)+": "); err != nil {
		return "", err
	}
	text, err := term.ReadPassword(int(tty.Fd()))
	_, _ = io.WriteString(tty, "\n")
	if err != nil {
		return "", err
	}
	defer clear(text)
	return string(text), ctx.Err()
}

// askSystemd asks the password agents: at the machine's own console while it
// starts, or whoever runs systemd-tty-ask-password-agent.
func (d *desk) askSystemd(ctx context.Context, key string) (string, error) {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return "", vault.ErrNobodyToAsk
	}
	program, err := exec.LookPath("systemd-ask-password")
	if err != nil {
		return "", vault.ErrNobodyToAsk
	}
	out, err := exec.CommandContext(ctx, program, "--id=kartotek:master", "--timeout=0", d.p.T(key)+":").Output()
	defer clear(out)
	if err != nil {
		return "", vault.ErrNobodyToAsk
	}
	return strings.TrimRight(string(out), "\r\n"), nil
}

// handOver gives a passphrase to the process that carries the command out, through
// a pipe.
func handOver(passphrase string) (*os.File, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() { // a pipe holds it, but nobody promises how much a pipe holds
		_, _ = io.WriteString(write, passphrase+"\n")
		_ = write.Close()
	}()
	return read, nil
}
