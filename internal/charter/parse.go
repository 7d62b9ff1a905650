package charter

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
)

// Parse reads a charter strictly. An unknown key, a wrong type, a missing
// translation, an unknown reference or an impossible rule is refused; the
// error is an Errors with every problem and its line. filename is only named.
func Parse(src []byte, filename string) (*Charter, error) {
	c, problems := parse(src, filename)
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

func parse(src []byte, filename string) (*Charter, Errors) {
	report := &reporter{file: filename}
	var tree map[string]any
	if _, err := toml.Decode(string(src), &tree); err != nil {
		line, text := 1, err.Error()
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			// The library counts a newline it has just given back: keep within the text.
			line, text = min(max(1, syntax.Position.Line), 1+bytes.Count(src, []byte("\n"))), syntax.Message
		}
		report.at(line, "", "charter.error.syntax", "detail", text)
		return nil, report.problems
	}
	report.lines = lineIndex(src)

	c := &Charter{NumberFirst: 1, Transfers: usualTransfers(), Joining: usualJoining(), Dues: usualDues(), Bookkeeping: usualBookkeeping(), Holds: usualHolds(), Grants: usualGrants(), Handouts: usualHandouts(), Meetings: usualMeetings(), Review: usualReview(), Audit: usualAudit(), Mailings: usualMailings(), Destruction: usualDestruction(), Closing: usualClosing(), Guard: usualGuard(), Passing: usualPassing(), source: slices.Clone(src)}
	c.Directory = usualDirectory()
	c.Declaration = usualDeclaration()
	c.Agreements = usualAgreements()
	decode(report, "", tree, c)
	if !report.broken {
		// Rules are checked on whole data only: a rule on a half-read charter
		// would report follow-on problems that vanish with the first.
		c.compile()
		check(report, c)
	}
	return c, report.sorted()
}

// compile fills what is derived from what the text says; it reports nothing.
func (c *Charter) compile() {
	for i := range c.Fields {
		if i < maxFields {
			c.Fields[i].Bit = 1 << i
		}
	}
	for i := range c.Posts {
		c.Posts[i].Acts = actsOf(c.Posts[i].May)
	}
	c.compilePositions()
	c.compileReviewers()
	c.compileAgreements()
	c.Grants.Acts = actsOf(c.Grants.May)
	for i := range c.Purposes {
		c.Purposes[i].Set = c.FieldSet(c.Purposes[i].Fields...)
	}
	c.headings = make(map[string]int)
	for i := range c.Fields {
		for _, heading := range c.Fields[i].headings() {
			if key := foldHeading(heading); key != "" {
				if _, taken := c.headings[key]; !taken {
					c.headings[key] = i
				}
			}
		}
	}
	c.zone = time.UTC
	if zone, err := time.LoadLocation(c.TimeZone); err == nil {
		c.zone = zone
	}
	c.compileParameters()
	c.compileKeeping()
	c.compileMeetings()
	c.compileDirectory()
	c.compileMailings()
	c.compileRecipients()
	c.compileConsents()
}

func actsOf(codes []string) Acts {
	var acts Acts
	for _, code := range codes {
		act, _ := ParseAct(code)
		acts |= act
	}
	return acts
}
