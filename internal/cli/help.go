package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// helpWidth is the longest line of a help text, in characters.
const helpWidth = 92

// help prints the help of a command, or of the whole program.
func (d *desk) help(h *helpRequest) error {
	switch {
	case h.version:
		fmt.Fprintln(d.out, "kartotek", version())
	case h.refused:
		d.out.Reset(d.errs)
		d.overview(h.node)
		if err := d.out.Flush(); err != nil {
			return err
		}
		return exit(usage)
	case h.node.Parent == nil:
		d.overview(h.node)
	default:
		d.detail(h.node)
	}
	return nil
}

// version is that of the module, or of the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (info.Main.Version == "" || info.Main.Version == "(devel)") {
			return s.Value
		}
	}
	return info.Main.Version
}

// overview is the help of the whole program: every command on a line.
func (d *desk) overview(app *kong.Node) {
	fmt.Fprintf(d.out, "%s\n", wrap(d.p.T("cli.help.program"), 0))
	for _, group := range groups {
		var rows [][2]string
		for _, leaf := range leaves(app) {
			if g := leaf.ClosestGroup(); g != nil && g.Key == group {
				rows = append(rows, [2]string{leaf.Path(), leaf.Help})
			}
		}
		d.section("cli.help.group_"+group, rows)
	}
	d.section("cli.help.everywhere", flagRows(app, ""))
	d.section("cli.help.serving", flagRows(app, "serve"))
	fmt.Fprintf(d.out, "\n%s\n", wrap(d.p.T("cli.help.more"), 0))
}

func leaves(n *kong.Node) (all []*kong.Node) {
	for _, child := range n.Children {
		if len(child.Children) == 0 {
			all = append(all, child)
		}
		all = append(all, leaves(child)...)
	}
	return all
}

// detail is the help of one command, or of a family of commands.
func (d *desk) detail(n *kong.Node) {
	fmt.Fprintf(d.out, "%s\n", wrap(n.Help, 0))
	if len(n.Children) > 0 {
		var rows [][2]string
		for _, child := range n.Children {
			rows = append(rows, [2]string{child.Path(), child.Help})
		}
		d.section("cli.help.commands", rows)
		return
	}
	fmt.Fprintf(d.out, "\n  %s\n", synopsis(n))
	if more := "cli.more." + keyOf(n); d.p.Has(more) {
		fmt.Fprintf(d.out, "\n%s\n", wrap(d.p.T(more), 0))
	}
	var arguments [][2]string
	for _, a := range n.Positional {
		arguments = append(arguments, [2]string{a.Name, a.Help})
	}
	d.section("cli.help.arguments", arguments)
	d.section("cli.help.flags", flagRows(n, ""))
	root := n
	for root.Parent != nil {
		root = root.Parent
	}
	if n.Name == "serve" || n.Name == "demo" {
		d.section("cli.help.serving", flagRows(root, "serve"))
	}
	d.section("cli.help.everywhere", flagRows(root, ""))
}

// synopsis is how a command is typed: what must be given, then what may.
func synopsis(n *kong.Node) string {
	parts := []string{pathOf(n)}
	for _, a := range n.Positional {
		if a.Required {
			parts = append(parts, a.Name)
		} else {
			parts = append(parts, "["+a.Name+"]")
		}
	}
	for _, f := range n.Flags {
		if f.Required {
			parts = append(parts, flagForm(f))
		}
	}
	for _, f := range n.Flags {
		if !f.Required {
			parts = append(parts, "["+flagForm(f)+"]")
		}
	}
	return strings.ReplaceAll(wrap(strings.Join(parts, " "), 6), "\n", "\n  ")
}

// flagForm is a flag as it is typed: "--limit N".
func flagForm(f *kong.Flag) string {
	form := "--" + f.Name
	if f.Short != 0 && len(f.Name) > 1 {
		form = "-" + string(f.Short) + ", " + form
	}
	if f.IsBool() {
		return form
	}
	return form + " " + f.PlaceHolder
}

// flagRows are the flags of one group of a command with their texts.
func flagRows(n *kong.Node, group string) [][2]string {
	var rows [][2]string
	for _, f := range n.Flags {
		key := ""
		if f.Group != nil {
			key = f.Group.Key
		}
		if key == group || n.Parent != nil {
			rows = append(rows, [2]string{flagForm(f), f.Help})
		}
	}
	return rows
}

// section prints a heading and two columns; nothing where there are no rows.
func (d *desk) section(heading string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(d.out, "\n%s\n", d.p.T(heading))
	d.columns(rows)
}

// columns prints two columns, the right one wrapped.
func (d *desk) columns(rows [][2]string) {
	left := 0
	for _, row := range rows {
		if n := utf8.RuneCountInString(row[0]); n <= 30 {
			left = max(left, n)
		}
	}
	for _, row := range rows {
		text := wrap(row[1], left+4)
		if n := utf8.RuneCountInString(row[0]); n > left {
			fmt.Fprintf(d.out, "  %s\n%s%s\n", row[0], strings.Repeat(" ", left+4), text)
		} else {
			fmt.Fprintf(d.out, "  %s%s%s\n", row[0], strings.Repeat(" ", left+2-n), text)
		}
	}
}

// wrap breaks a text into lines; those after the first are indented.
func wrap(text string, indent int) string {
	var b strings.Builder
	for i, paragraph := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("\n" + strings.Repeat(" ", indent))
		}
		column := indent
		for j, word := range strings.Fields(paragraph) {
			width := utf8.RuneCountInString(word)
			switch {
			case j == 0:
			case column+1+width > helpWidth:
				b.WriteString("\n" + strings.Repeat(" ", indent))
				column = indent
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += width
		}
	}
	return b.String()
}
