package procedure

import (
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/charter"
)

// access writes the procedure: a section for each of D1 to D15 that this charter has.
func (w *writer) access() []Section {
	return []Section{
		w.register(), w.country(), w.overview(), w.staff(), w.handed(), w.closing(), w.erasure(), w.boards(),
		w.documented(), w.extra(), w.own(), w.lists(), w.requisition(), w.review(), w.edition(), w.rest(),
	}
}

// register: where the data are (D1).
func (w *writer) register() Section {
	s := w.section("d1", w.p.T("procedure.d1.text"), w.p.T("procedure.d1.outside"))
	var required, others []string
	for i := range w.c.Fields {
		f := &w.c.Fields[i]
		switch {
		case f.Type == charter.TypeFullName:
		case f.Required:
			required = append(required, w.words(f.Name))
		default:
			others = append(others, w.words(f.Name))
		}
	}
	s.Facts = []Fact{
		{Term: w.p.T("procedure.d1.required"), Value: sentence(w.p.List(required))},
		{Term: w.p.T("procedure.d1.others"), Value: sentence(w.p.List(others))},
	}
	s.After = []string{
		w.either("procedure.d1.special", "special-category"),
		w.p.T("procedure.d1.age", "age", w.limit("minimum-age")),
	}
	return s
}

// country: who pulls lists and reports for all of it (D2).
func (w *writer) country() Section {
	var names []string
	for i := range w.c.Positions {
		if p := &w.c.Positions[i]; p.Acts.Has(charter.Pull) {
			names = append(names, w.position(p))
		}
	}
	names = append(names, w.posts(func(p *charter.Post) bool { return p.Acts.Has(charter.Pull) && w.whole(p) })...)
	return w.section("d2",
		w.p.T("procedure.d2.text", "who", w.p.List(names)),
		w.p.T("procedure.d2.reports", "least", w.limit("report-minimum")),
	)
}

// overview: who has access, now and before, and what is noted of every reading (D3).
func (w *writer) overview() Section {
	return w.section("d3",
		w.p.T("procedure.d3.text", "who", w.p.List(w.holders(charter.Access))),
		w.p.T("procedure.d3.member"),
		w.p.T("procedure.d3.past", "years", w.limit("access-history-years")),
		w.p.T("procedure.d3.journal", "years", w.limit("journal-years"), "days", w.limit("signin-days")),
	)
}

// staff: persons and positions (D4).
func (w *writer) staff() Section {
	s := w.section("d4", w.p.T("procedure.d4.text"))
	for i := range w.c.Positions {
		p := &w.c.Positions[i]
		task := w.p.T("procedure.d4.no_task")
		if p.Task != "" {
			task = w.p.T("procedure.d4.task." + p.Task)
		}
		s.Facts = append(s.Facts, Fact{
			Term: p.Name.In(w.p.Lang()), Value: w.acts(p.Acts),
			Note: w.p.T("procedure.d4.grounds", "task", task, "grounds", p.Grounds),
		})
	}
	s.After = []string{w.p.T("procedure.d4.ends")}
	return s
}

// handed: to those without access of their own (D5).
func (w *writer) handed() Section {
	return w.section("d5", w.p.T("procedure.d5.text"), w.p.T("procedure.d5.bound", "days", w.limit("list-days")), w.p.T("procedure.d5.traced"))
}

// closing: who ends a membership, and how a resignation gets there (D6).
func (w *writer) closing() Section {
	s := w.section("d6", w.p.T("procedure.d6.text", "who", w.p.List(w.holders(charter.Close))))
	pass := w.posts(func(p *charter.Post) bool { return p.Acts.Has(charter.PassOn) && !p.Acts.Has(charter.Close) })
	if len(pass) > 0 {
		s.Text = append(s.Text, w.p.T("procedure.d6.pass", "who", w.p.List(pass)))
	}
	s.Text = append(s.Text, w.p.T("procedure.d6.member"))
	return s
}

// erasure: what happens then, and how it is proved (D7, N14).
func (w *writer) erasure() Section {
	return w.section("d7",
		w.p.T("procedure.d7.text"),
		w.p.T("procedure.d7.window", "days", w.limit("window-days")),
		w.either("procedure.d7.second", "second-pair-ends-window"),
		w.p.T("procedure.d7.whole"),
		w.p.T("procedure.d7.proof", "years", w.limit("certificate-years")),
		w.p.T("procedure.d7.hold", "months", w.limit("hold-months"), "who", w.p.List(w.holders(charter.Hold))),
		w.either("procedure.d7.silent", "silent-investigations"),
	)
}

// boards: the posts that give access (D8). The extra one has a section of its own.
func (w *writer) boards() Section {
	s := w.section("d8", w.p.T("procedure.d8.text"))
	for i := range w.c.Posts {
		if p := &w.c.Posts[i]; p.OverMembers == 0 && p.Acts != 0 {
			s.Facts = append(s.Facts, w.seat(p))
		}
	}
	without := w.posts(func(p *charter.Post) bool { return p.Acts == 0 })
	if len(without) > 0 {
		s.After = append(s.After, w.p.T("procedure.d8.without", "who", w.p.List(without)))
	}
	s.After = append(s.After, w.p.T("procedure.d8.ends"))
	if w.said["cover-days"] = true; w.c.CoverDays > 0 {
		s.After = append(s.After, w.p.T("procedure.d8.cover", "days", w.limit("cover-days")))
	} else {
		s.After = append(s.After, w.p.T("procedure.d8.no_cover"))
	}
	return s
}

// seat is a post: where, how many, how long, what it opens.
func (w *writer) seat(p *charter.Post) Fact {
	term := w.p.T("procedure.d8.no_term")
	if p.TermMonths > 0 {
		term = w.p.T("procedure.d8.term", "months", w.p.T("charter.unit.months", "count", p.TermMonths))
	}
	return Fact{
		Term:  p.Name.In(w.p.Lang()),
		Value: w.acts(p.Acts),
		Note:  w.p.T("procedure.d8.seats", "count", p.Seats, "levels", w.p.List(w.levels(p.Levels)), "term", term),
	}
}

// documented: access for a named person with a task (D9).
func (w *writer) documented() Section {
	g := &w.c.Grants
	var meetings []string
	for _, code := range g.DecidedBy {
		meetings = append(meetings, lowered(w.p.T("grant.meeting."+code)))
	}
	s := w.section("d9", w.p.T("procedure.d9.text"))
	s.Facts = []Fact{
		{Term: w.p.T("procedure.d9.proposes"), Value: sentence(w.p.List(w.postsWith(g.Proposer())))},
		{Term: w.p.T("procedure.d9.decides"), Value: sentence(strings.Join(meetings, ", ")), Note: w.p.T("procedure.d9.enters", "who", w.p.List(w.postsWith(g.Decider())))},
		{Term: w.p.T("procedure.d9.opens"), Value: w.acts(g.Acts), Note: w.p.T("procedure.d9.fields")},
		{Term: w.p.T("procedure.d9.longest"), Value: w.limit("grant-months"), Note: w.p.T("procedure.d9.renewal")},
		{Term: w.p.T("procedure.d9.unanswered"), Value: w.p.T("procedure.d9.lapses", "days", w.limit("grant-answer-days"))},
	}
	s.After = []string{w.p.T("procedure.d9.own"), w.either("procedure.d9.second", "grant-second-person")}
	return s
}

// postsWith names the posts of bodies with members that may do an act.
func (w *writer) postsWith(act charter.Acts) []string {
	var names []string
	for i := range w.c.Posts {
		p := &w.c.Posts[i]
		if !p.Acts.Has(act) {
			continue
		}
		for _, code := range p.Levels {
			if level, known := w.c.Level(code); known && level.Members {
				names = append(names, w.words(p.Name))
				break
			}
		}
	}
	return names
}

// extra: posts that exist above a number of members (D10).
func (w *writer) extra() Section {
	s := w.section("d10", w.p.T("procedure.d10.text"))
	for i := range w.c.Posts {
		p := &w.c.Posts[i]
		if p.OverMembers == 0 {
			continue
		}
		fact := w.seat(p)
		fact.Note = w.p.T("procedure.d10.over", "count", p.OverMembers) + " " + fact.Note
		s.Facts = append(s.Facts, fact)
	}
	if len(s.Facts) == 0 {
		return Section{}
	}
	return s
}

// own: only one's own members (D11).
func (w *writer) own() Section {
	s := w.section("d11", w.p.T("procedure.d11.text"))
	above := w.posts(func(p *charter.Post) bool {
		return p.Acts&(charter.Search|charter.View|charter.Pull) != 0 && slices.ContainsFunc(p.Levels, func(code string) bool {
			level, known := w.c.Level(code)
			return known && level.SubBodies
		})
	})
	if len(above) > 0 {
		s.Text = append(s.Text, w.p.T("procedure.d11.above", "who", w.p.List(above)))
	}
	s.Text = append(s.Text,
		w.either("procedure.d11.additions", "transfer-additions-wait", "days", w.limit("transfer-addition-days")),
		w.p.T("procedure.d11.moves", "days", w.limit("transfer-answer-days")),
		w.either("procedure.d11.dual", "transfer-dual"),
	)
	return s
}

// lists: purpose, lifetime, destruction (D12, L8).
func (w *writer) lists() Section {
	s := w.section("d12", w.p.T("procedure.d12.text"), w.p.T("procedure.d12.latest", "days", w.limit("list-days")), w.p.T("procedure.d12.staff"))
	s.Facts = w.purposes()
	s.After = []string{w.p.T("procedure.d12.late"), w.p.T("procedure.d12.guideline")}
	return s
}

// requisition: bodies without access of their own (D13).
func (w *writer) requisition() Section {
	var levels, purposes []string
	for i := range w.c.Levels {
		if level := &w.c.Levels[i]; level.Requisition {
			levels = append(levels, w.words(level.Name))
		}
	}
	for i := range w.c.Purposes {
		if p := &w.c.Purposes[i]; p.Requisition {
			purposes = append(purposes, w.words(p.Name))
		}
	}
	if len(levels) == 0 {
		return Section{}
	}
	return w.section("d13",
		w.p.T("procedure.d13.text", "levels", w.p.List(levels), "purposes", w.p.List(purposes)),
		w.p.T("procedure.d13.handed"),
	)
}

// review: how often all this is looked at (D14, N13).
func (w *writer) review() Section {
	return w.section("d14", w.p.T("procedure.d14.text", "times", w.limit("reviews-per-year")), w.p.T("procedure.d14.confirm"))
}

// edition: what this text is, and what happens when it no longer holds (D15).
func (w *writer) edition() Section {
	return w.section("d15", w.p.T("procedure.d15.text"), w.p.T("procedure.d15.anew", "days", w.limit("publish-days")))
}

// number is a section's number as it is shown.
func number(i int) string { return strconv.Itoa(i+1) + "." }
