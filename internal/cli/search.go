package cli

import (
	"bufio"
	"context"
	"io"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/member"
)

type searchCommand struct {
	inHouse
	asWho
	Query []string `arg:"" name:"QUERY"`
	Limit int      `default:"50" placeholder:"N"`
	Unit  string   `placeholder:"CODE"`
}

// hitLine is a member in an answer.
type hitLine struct {
	ID         string   `json:"id"` // the public one
	Number     string   `json:"number"`
	Name       string   `json:"name"`
	Given      string   `json:"given"`
	Family     string   `json:"family"`
	Email      string   `json:"email"`
	Phone      string   `json:"phone"` // the mobile one where there is no other
	Mobile     string   `json:"mobile"`
	Unit       string   `json:"unit"` // code of the first body
	UnitName   string   `json:"unit_name"`
	Units      []string `json:"units"` // codes
	Restricted bool     `json:"restricted,omitempty"`
	Returned   bool     `json:"mail_returned,omitempty"`
}

// mostOnPage is the largest page the room gives.
const mostOnPage = 500

func (c *searchCommand) check() (key string, args []any) {
	if c.Limit < 1 {
		return "cli.usage.value", []any{"flag", "--limit"}
	}
	return "", nil
}

func (c *searchCommand) run(ctx context.Context, d *desk) error {
	query := strings.Join(c.Query, " ")
	if query == "-" { // names need not stand among the arguments, which others can read
		line, err := bufio.NewReader(io.LimitReader(d.in, 4096)).ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		query = strings.TrimSpace(line)
	}
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Search, Unit: body})
	if err != nil {
		return err
	}
	pages := (c.Limit + mostOnPage - 1) / mostOnPage
	lines, total := []hitLine{}, 0
	for q := (member.Query{Text: query, Size: (c.Limit + pages - 1) / pages}); ; q.Page++ {
		hits, err := d.house.Members.Search(ctx, scope, q)
		if err != nil {
			return err
		}
		total, q.Reading = hits.Total, hits.Reading
		for i := range hits.Rows {
			if len(lines) < c.Limit {
				lines = append(lines, d.hitLine(&hits.Rows[i]))
			}
		}
		if len(lines) >= min(c.Limit, total) || len(hits.Rows) == 0 {
			break
		}
	}
	return d.answer(lines, func() {
		t := d.newTable("number", "name", "phone", "email", "unit")
		for _, l := range lines {
			t.add(l.Number, l.Name, locale.Phone(l.Phone, d.house.Charter.Country), l.Email, l.UnitName)
		}
		d.print(t)
		if len(lines) < total {
			d.say("cli.search.some", "shown", d.p.Number(len(lines)), "count", total)
		} else {
			d.say("cli.search.count", "count", total)
		}
	})
}

func (d *desk) hitLine(h *member.Hit) hitLine {
	l := hitLine{
		ID: d.house.Keyring.PublicID(h.Person), Number: h.Number, Name: h.Name(), Given: h.Given, Family: h.Family,
		Email: h.Email, Phone: h.Phone, Mobile: h.Mobile, Restricted: h.Restricted, Returned: h.Returned, Units: []string{},
	}
	if l.Phone == "" {
		l.Phone = h.Mobile
	}
	for _, id := range h.Units {
		if l.Unit == "" {
			l.Unit, l.UnitName = d.unitCode(id), d.unitName(id)
		}
		l.Units = append(l.Units, d.unitCode(id))
	}
	return l
}
