package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// usageError is a command line that cannot be understood: a message key of
// cli.usage and the command whose help tells more.
type usageError struct {
	key  string
	args []any
	node *kong.Node
}

func (e *usageError) Error() string { return e.key + " " + fmt.Sprint(e.args...) }

var errIncomplete = errors.New("no command")

// refusals puts what kong refuses into the catalogue's words. Kong tells in
// English text only; a test holds every line against it, and what none fits is
// told in kong's own words.
var refusals = []struct {
	text *regexp.Regexp
	key  string
	args []string // what the text's groups are called
}{
	{regexp.MustCompile(`^unknown flag (\S+?)(?:, did you mean (?:one of )?(.+)\?)?$`), "cli.usage.flag", []string{"flag", "near"}},
	{regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean (?:one of )?(.+)\?)?$`), "cli.usage.argument", []string{"argument", "near"}},
	{regexp.MustCompile(`^missing flags: (.+)$`), "cli.usage.missing", []string{"what"}},
	{regexp.MustCompile(`^missing positional arguments (.+)$`), "cli.usage.missing", []string{"what"}},
	{regexp.MustCompile(`^expected "(<.+>.*)"$`), "cli.usage.missing", []string{"what"}},
	{regexp.MustCompile(`^expected (?:one of )?"`), "cli.usage.incomplete", nil},
	{regexp.MustCompile(`^no command$`), "cli.usage.incomplete", nil},
	{regexp.MustCompile(`^<?->? must be one of`), "cli.usage.stdin", nil},
	{regexp.MustCompile(`^(--\S+?)(?:=\S+)?: .*$`), "cli.usage.value", []string{"flag"}},
	{regexp.MustCompile(`^(<.+>): .*$`), "cli.usage.value", []string{"flag"}},
	{regexp.MustCompile(`^(--\S+?)(?:=\S+)? must be one of (.+) but got .*$`), "cli.usage.choice", []string{"flag", "known"}},
	{regexp.MustCompile(`^(<.+?>) must be one of (.+) but got .*$`), "cli.usage.choice", []string{"flag", "known"}},
	{regexp.MustCompile(`^(--\S+) and (--\S+) can't be used together$`), "cli.usage.together", []string{"flag", "with"}},
}

func newUsageError(err error, model *kong.Node, args []string) *usageError {
	e := &usageError{key: "cli.usage.unclear", args: []any{"detail", err.Error()}, node: nodeFor(args, model)}
	for _, r := range refusals {
		match := r.text.FindStringSubmatch(err.Error())
		if match == nil {
			continue
		}
		e.key, e.args = r.key, nil
		for i, name := range r.args {
			value := tidyWhat(match[i+1])
			if name == "near" && value == "" {
				continue
			} else if name == "near" {
				e.key += "_near"
			}
			e.args = append(e.args, name, value)
		}
		break
	}
	return e
}

// tidyWhat drops kong's quotes and pointed brackets.
func tidyWhat(s string) string {
	return strings.NewReplacer(`"`, "", "<", "", ">", "", "=", " ").Replace(s)
}

// askedForHelp finds out whether, and of what, the help is asked for; so even
// an incomplete command has one.
func askedForHelp(args []string, model *kong.Node) *helpRequest {
	plain := args
	if i := slices.Index(args, "--"); i >= 0 {
		plain = args[:i]
	}
	switch {
	case len(args) == 0:
		return &helpRequest{node: model, refused: true}
	case len(plain) > 0 && plain[0] == "help":
		return &helpRequest{node: nodeFor(plain[1:], model)}
	case slices.Contains(plain, "--help") || slices.Contains(plain, "-h"):
		return &helpRequest{node: nodeFor(plain, model)}
	case slices.Contains(plain, "--version"):
		return &helpRequest{node: model, version: true}
	}
	return nil
}

// nodeFor is the command that the arguments name, as far as they name one.
func nodeFor(args []string, model *kong.Node) *kong.Node {
	at := model
	for _, arg := range args {
		for _, child := range at.Children {
			if child.Name == arg {
				at = child
				break
			}
		}
	}
	return at
}

// tellUsage says what is wrong with the command line and where to read on.
func (d *desk) tellUsage(e *usageError) {
	d.refuse(d.p.T(e.key, e.args...), d.p.T("cli.usage.help", "command", pathOf(e.node)))
}

// pathOf is how a command is typed: "kartotek list pull".
func pathOf(n *kong.Node) string {
	if n == nil || n.Parent == nil {
		return "kartotek"
	}
	return pathOf(n.Parent) + " " + n.Name
}
