package charter

import "slices"

// Mailings are the rules for writing to members without handing out a list: who may
// write for which body, who approves, what may be sent, how fast.
type Mailings struct {
	Purposes   []string `toml:"purposes"`     // what may be sent
	Bodies     []Writes `toml:"bodies"`       // by level; where a level is absent nobody writes
	PerHour    Number   `toml:"per-hour"`     // so many messages leave in an hour, all mailings together
	KeepMonths Number   `toml:"keep-months"`  // what was written, and to whom, is kept
	SendDays   Number   `toml:"send-days"`    // a mail that the server does not take is tried so long
	AnswerDays Number   `toml:"approve-days"` // a mailing that waits is answered within
}

// Writes says who may write to the members of bodies of one level. Codes are of
// posts, which write for their own body, and of positions. Grants also lets whoever
// has documented access for the purpose write, who approves nothing (D9).
type Writes struct {
	Level       string   `toml:"level" need:"yes"`
	Write       []string `toml:"write" need:"yes"`
	Approve     []string `toml:"approve" need:"yes"` // each needs "pull" under its may; nobody their own
	Grants      bool     `toml:"grants"`
	NoticeAlone bool     `toml:"notice-alone"` // an approver's own statutory notice needs nobody else (L8)
}

// MayMail reports whether a purpose can be sent.
func (m *Mailings) MayMail(purpose string) bool { return slices.Contains(m.Purposes, purpose) }

// For gives the rules for bodies of a level; false where nobody writes for them.
func (m *Mailings) For(level string) (*Writes, bool) {
	return find(m.Bodies, level, func(w *Writes) string { return w.Level })
}

// usualMailings hold where a charter says nothing of mailings; its bodies follow from
// what posts and positions may do (compileMailings).
func usualMailings() Mailings {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Mailings{
		PerHour: Number{Value: 3000, Source: own}, KeepMonths: Number{Value: 24, Source: own},
		SendDays: Number{Value: 3, Source: own}, AnswerDays: Number{Value: 7, Source: own},
	}
}

func (m *Mailings) rows() []Parameter {
	return []Parameter{
		m.PerHour.row("mailing-per-hour"), m.SendDays.row("mailing-send-days"),
		m.AnswerDays.row("mailing-approve-days"), m.KeepMonths.row("mailing-keep-months"),
	}
}

// compileMailings makes the rules of a charter that has none: whoever may pull a list
// writes and approves; a level that may only requisition writes by its posts, and the
// office approves (D13).
func (c *Charter) compileMailings() {
	if c.Mailings.Purposes == nil {
		for _, code := range []string{"meeting-notice", "invitation", "newsletter"} {
			p, known := find(c.Purposes, code, func(p *Purpose) string { return p.Code })
			if known && slices.Contains(p.Fields, "email") {
				c.Mailings.Purposes = append(c.Mailings.Purposes, code)
			}
		}
	}
	if c.Mailings.Bodies != nil {
		return
	}
	var office []string
	for i := range c.Positions {
		if c.Positions[i].Acts.Has(Pull) {
			office = append(office, c.Positions[i].Code)
		}
	}
	for i := range c.Levels {
		l := &c.Levels[i]
		w := Writes{Level: l.Code, Write: slices.Clone(office), Approve: slices.Clone(office), Grants: l.Members, NoticeAlone: l.Members}
		for _, post := range c.PostsAt(l.Code) {
			if post.Acts.Has(Pull) {
				w.Approve = append(w.Approve, post.Code)
			}
			if post.Acts.Has(Pull) || l.Requisition {
				w.Write = append(w.Write, post.Code)
			}
		}
		if len(w.Approve) > 0 && len(w.Write) > 0 {
			c.Mailings.Bodies = append(c.Mailings.Bodies, w)
		}
	}
}

// mailings checks the rules: what is named exists, and whoever approves could have
// pulled the list.
func (r *reporter) mailings(c *Charter) {
	m := &c.Mailings
	for i, code := range m.Purposes {
		p, known := find(c.Purposes, code, func(p *Purpose) string { return p.Code })
		if !known || !slices.Contains(p.Fields, "email") {
			r.report(index("mailings.purposes", i), "charter.error.mailing_purpose", "code", code)
		}
	}
	for i := range m.Bodies {
		w, path := &m.Bodies[i], index("mailings.bodies", i)
		if _, known := c.Level(w.Level); !known {
			r.report(path+".level", "charter.error.unknown_level", "code", w.Level)
		}
		if slices.ContainsFunc(m.Bodies[:i], func(other Writes) bool { return other.Level == w.Level }) {
			r.report(path+".level", "charter.error.twice", "code", w.Level)
		}
		for j, code := range w.Write {
			if _, known := c.wearer(code, w.Level); !known {
				r.report(index(path+".write", j), "charter.error.mailing_writer", "code", code)
			}
		}
		if len(w.Approve) == 0 {
			r.report(path+".approve", "charter.error.empty")
		}
		for j, code := range w.Approve {
			if acts, known := c.wearer(code, w.Level); !known || !acts.Has(Pull) {
				r.report(index(path+".approve", j), "charter.error.mailing_approver", "code", code)
			}
		}
	}
	r.between("mailings.per-hour.value", m.PerHour.Value, 10, 1_000_000)
	r.between("mailings.keep-months.value", m.KeepMonths.Value, 1, 120)
	r.between("mailings.send-days.value", m.SendDays.Value, 1, 14)
	r.between("mailings.approve-days.value", m.AnswerDays.Value, 1, 60)
	for _, n := range []struct {
		key    string
		number *Number
	}{{"per-hour", &m.PerHour}, {"keep-months", &m.KeepMonths}, {"send-days", &m.SendDays}, {"approve-days", &m.AnswerDays}} {
		r.checked("mailings."+n.key, n.number.Checked)
	}
}

// wearer gives what a post at a level, or a position, may do.
func (c *Charter) wearer(code, level string) (Acts, bool) {
	if p, known := c.Post(code); known && p.At(level) {
		return actsOf(p.May), true
	}
	if p, known := c.Position(code); known {
		return actsOf(p.May), true
	}
	return 0, false
}
