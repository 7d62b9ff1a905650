package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"kartotek/internal/app"
	"kartotek/internal/locale"
)

// desk is where one command is carried out: its streams, its language, the files
// it was handed and, for a housed one, the open register.
type desk struct {
	p    *locale.Printer
	in   *os.File
	raw  *os.File      // the standard output
	out  *bufio.Writer // onto it
	errs *os.File
	json bool

	osUser  string              // who typed the command
	files   map[string]*os.File // by their part in the command
	grammar *grammar            // what was said of where the register is; nil inside a server
	house   *app.House
	served  bool // inside a server, which does the scheduled work
}

func newDesk(p *locale.Printer, in, out, errs *os.File) *desk {
	return &desk{p: p, in: in, raw: out, out: bufio.NewWriterSize(out, 64<<10), errs: errs}
}

// say prints a line of the catalogue.
func (d *desk) say(key string, pairs ...any) { fmt.Fprintln(d.out, d.p.T(key, pairs...)) }

// note prints a line of the catalogue to standard error: what is worth knowing
// and not the command's answer.
func (d *desk) note(key string, pairs ...any) { fmt.Fprintln(d.errs, d.p.T(key, pairs...)) }

// answer prints a command's answer: the value as JSON, or what text prints.
func (d *desk) answer(value any, text func()) error {
	if !d.json {
		text()
		return nil
	}
	return printJSON(d.out, value)
}

func printJSON(w *bufio.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// terminal reports whether somebody watches a stream.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
