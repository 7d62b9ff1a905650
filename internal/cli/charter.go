package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kartotek/internal/app"
	"kartotek/internal/charter"
)

type charterCheckCommand struct {
	File string `arg:"" name:"FILE"`
}

type charterProblem struct {
	Line int    `json:"line"`
	Key  string `json:"key"`
	Text string `json:"text"`
}

// A charter is no member data: it is read here, beside any server.
func (c *charterCheckCommand) run(_ context.Context, d *desk) error {
	rules, err := charter.Load(c.File)
	var problems charter.Errors
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	lines := make([]charterProblem, 0, len(problems))
	for _, p := range problems {
		lines = append(lines, charterProblem{Line: p.Line, Key: p.Key, Text: p.In(d.p.Lang())})
	}
	if d.json {
		if err := printJSON(d.out, map[string]any{"sound": err == nil, "problems": lines}); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return d.answer(nil, func() { d.printCharterCount(rules) })
}

func (d *desk) printCharterCount(c *charter.Charter) {
	d.say("cli.charter.sound", "name", c.Name, "levels", len(c.Levels), "posts", len(c.Posts), "purposes", len(c.Purposes), "fields", len(c.Fields))
}

type charterShowCommand struct {
	Charter string `arg:"" optional:"" name:"NAME|FILE"`
	Source  bool
}

func (c *charterShowCommand) run(_ context.Context, d *desk) error {
	name := c.Charter
	if name == "" {
		name = filepath.Join(d.grammar.Data, "charter.toml")
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return app.ErrNoRegister
		}
	}
	rules, err := charter.Load(name)
	if err != nil {
		return err
	}
	if c.Source {
		_, err := d.out.Write(rules.Source())
		return err
	}
	return d.answer(charterOf(rules, d.p.Lang()), func() { d.printCharter(rules) })
}

// charterAnswer is a charter for programs; the whole of it is its source.
type charterAnswer struct {
	Code       string            `json:"code"`
	Name       string            `json:"name"`
	Country    string            `json:"country"`
	Languages  []string          `json:"languages"`
	TimeZone   string            `json:"time_zone"`
	Parameters map[string]int    `json:"parameters"`
	Levels     []codeLine        `json:"levels"`
	Posts      []codeLine        `json:"posts"`
	Positions  []codeLine        `json:"positions"`
	Purposes   []codeLine        `json:"purposes"`
	Fields     []codeLine        `json:"fields"`
	Reasons    []codeLine        `json:"reasons"`
	Bases      map[string]string `json:"bases"` // of the purposes
}

type codeLine struct {
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	May    []string `json:"may,omitempty"`
	Fields []string `json:"fields,omitempty"`
}

func charterOf(c *charter.Charter, lang string) charterAnswer {
	a := charterAnswer{
		Code: c.Code, Name: c.Name.In(lang), Country: c.Country, Languages: c.Languages, TimeZone: c.TimeZone,
		Parameters: map[string]int{}, Bases: map[string]string{},
	}
	for _, p := range c.Table() {
		code := p.Code
		if p.Post != nil {
			code = p.Post.Code + "." + code
		}
		a.Parameters[code] = p.Value
	}
	for _, l := range c.Levels {
		a.Levels = append(a.Levels, codeLine{Code: l.Code, Name: l.Name.In(lang)})
	}
	for _, p := range c.Posts {
		a.Posts = append(a.Posts, codeLine{Code: p.Code, Name: p.Name.In(lang), May: p.May})
	}
	for _, p := range c.Positions {
		a.Positions = append(a.Positions, codeLine{Code: p.Code, Name: p.Name.In(lang), May: p.May})
	}
	for _, p := range c.Purposes {
		a.Purposes = append(a.Purposes, codeLine{Code: p.Code, Name: p.Name.In(lang), Fields: p.Fields})
		a.Bases[p.Code] = strings.TrimSpace(p.Basis + " " + p.Basis9)
	}
	for _, f := range c.Fields {
		a.Fields = append(a.Fields, codeLine{Code: f.Code, Name: f.Name.In(lang)})
	}
	for _, r := range c.Reasons {
		a.Reasons = append(a.Reasons, codeLine{Code: r.Code, Name: r.Name.In(lang)})
	}
	return a
}

// printCharter prints what the association's rules come to, chapter by chapter.
func (d *desk) printCharter(c *charter.Charter) {
	lang := d.p.Lang()
	fmt.Fprintf(d.out, "%s (%s)\n", c.Name.In(lang), c.Code)
	chapter := func(key string, t *table) {
		fmt.Fprintf(d.out, "\n%s\n", d.p.T(key))
		d.print(t)
	}
	t := d.newTable("code", "name", "level")
	for _, l := range c.Levels {
		t.add(l.Code, l.Name.In(lang), l.Parent)
	}
	t.heads[2] = d.p.T("cli.column.parent")
	chapter("cli.charter.levels", t)

	t = d.newTable("code", "name", "may")
	for _, p := range c.Posts {
		t.add(p.Code, p.Name.In(lang), strings.Join(p.May, " "))
	}
	chapter("cli.charter.posts", t)

	t = d.newTable("code", "name", "may")
	for _, p := range c.Positions {
		t.add(p.Code, p.Name.In(lang), strings.Join(p.May, " "))
	}
	chapter("cli.charter.positions", t)

	t = d.newTable("code", "name", "basis", "fields")
	for _, p := range c.Purposes {
		t.add(p.Code, p.Name.In(lang), strings.TrimSpace(p.Basis+" "+p.Basis9), strings.Join(p.Fields, " "))
	}
	chapter("cli.charter.purposes", t)

	t = d.newTable("code", "name")
	for _, r := range c.Reasons {
		t.add(r.Code, r.Name.In(lang))
	}
	chapter("cli.charter.reasons", t)

	t = d.newTable("limit", "value", "source")
	for _, p := range c.Table() {
		t.add(p.Label(d.p), p.Text(d.p), p.Source.In(lang))
	}
	chapter("cli.charter.parameters", t)
}
