package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"kartotek/internal/locale"
)

// chooseLanguage is the console's language: --lang, else what the system is set
// to, else English. It looks at the arguments before they are parsed, since
// their refusal is in that language too.
func chooseLanguage(args []string, getenv func(string) string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if lang, ok := strings.CutPrefix(arg, "--lang="); ok && spoken(lang) {
			return lang
		}
		if arg == "--lang" && i+1 < len(args) && spoken(args[i+1]) {
			return args[i+1]
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		set := getenv(name)
		if set == "" {
			continue
		}
		lang, _, _ := strings.Cut(set, ".")
		lang, _, _ = strings.Cut(lang, "_")
		if code, ok := locale.Spoken(lang); ok {
			return code
		}
		break // the first that is set counts
	}
	return "en"
}

func spoken(lang string) bool { return slices.Contains(locale.Languages(), lang) }

// texts puts the catalogue's help texts on the model of the grammar: every
// command, flag and argument has one, by its name.
func texts(p *locale.Printer, model *kong.Node) {
	for _, child := range model.Children {
		child.Help = p.T("cli.command." + keyOf(child))
		texts(p, child)
	}
	for _, flag := range model.Flags {
		flag.Help = valueText(p, "cli.flag.", model, flag.Name)
	}
	for _, argument := range model.Positional {
		argument.Help = valueText(p, "cli.argument.", model, argument.Name)
	}
}

// valueText is the text of a flag or argument: its own where the command has
// one, else that of its name.
func valueText(p *locale.Printer, kind string, of *kong.Node, name string) string {
	name = nameKey(name)
	if own := kind + keyOf(of) + "_" + name; p.Has(own) {
		return p.T(own)
	}
	return p.T(kind + name)
}

// nameKey is a flag's or argument's name in the catalogue.
func nameKey(name string) string {
	if name == "-" {
		return "standard_input"
	}
	return strings.NewReplacer("-", "_", "|", "_").Replace(strings.ToLower(name))
}

// keyOf is a command's name in the catalogue: list_pull.
func keyOf(n *kong.Node) string {
	if n.Parent == nil || n.Parent.Type == kong.ApplicationNode {
		return n.Name
	}
	return keyOf(n.Parent) + "_" + n.Name
}
