package cli

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

type newsCommand struct {
	inHouse
	asWho
	Unit  string `placeholder:"CODE"`
	Since day    `placeholder:"DATE"`
	Seen  bool
}

// newsLine is a kind of news in an answer; of who has gone only a number.
type newsLine struct {
	Kind  string     `json:"kind"`
	Count int        `json:"count"`
	Names []newsName `json:"names,omitempty"`
}

type newsName struct {
	ID     string   `json:"id"` // the public one
	Name   string   `json:"name"`
	Fields []string `json:"fields,omitempty"`
}

func (c *newsCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Search, Unit: body})
	if err != nil {
		return err
	}
	var since time.Time
	if !c.Since.IsZero() {
		since = d.house.Charter.Midnight(c.Since.Date)
	}
	now := d.house.Now()
	found, err := d.house.News.Since(ctx, scope, since)
	if err != nil {
		return err
	}
	lines := []newsLine{}
	for _, part := range []struct {
		kind string
		set  *roaring.Bitmap
	}{{"joined", found.Joined}, {"arrived", found.Arrived}, {"changed", found.Changed}} {
		line, err := d.newsLine(ctx, scope, part.kind, part.set, found.Fields)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	lines = append(lines, newsLine{Kind: "moved", Count: found.Moved}, newsLine{Kind: "left", Count: found.Left}, newsLine{Kind: "died", Count: found.Died})
	if c.Seen {
		if err := d.house.News.Looked(ctx, scope, now); err != nil {
			return err
		}
	}
	return d.answer(lines, func() {
		d.say("news.since", "date", d.p.Date(d.house.Charter.Today(found.Since)))
		t := d.newTable("name", "count")
		t.right[1] = true
		for _, line := range lines {
			if line.Count > 0 {
				t.add(d.p.T("news.kind."+line.Kind), d.p.Number(line.Count))
			}
			for _, n := range line.Names {
				t.add("  "+n.Name, "")
			}
		}
		d.print(t)
		if len(t.rows) == 0 {
			d.say("news.nothing")
		}
	})
}

// newsLine names the members of one kind of news, which the journal notes.
func (d *desk) newsLine(ctx context.Context, scope access.Scope, kind string, set *roaring.Bitmap, fields map[vault.PersonID][]string) (newsLine, error) {
	line := newsLine{Kind: kind, Count: int(set.GetCardinality())}
	if line.Count == 0 {
		return line, nil
	}
	var persons []vault.PersonID
	for _, person := range set.ToArray() {
		persons = append(persons, vault.PersonID(person))
	}
	names, err := d.house.Members.Names(ctx, scope, persons)
	if err != nil {
		return line, err
	}
	for _, person := range persons {
		if name, known := names[person]; known {
			line.Names = append(line.Names, newsName{ID: d.house.Keyring.PublicID(person), Name: name, Fields: fields[person]})
		}
	}
	return line, nil
}

// phone is a number for reading, where there is one.
func (d *desk) phone(e164 string) string { return locale.Phone(e164, d.house.Charter.Country) }
