package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/agreement"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// Agreements on members' data (N2, N12, L10). An address carries a body's code and an
// agreement's number; nobody stands in it.
const (
	agreementsPath    = "/agreements"
	agreementsAt      = 30 // bodies on a page of the status
	certificateOfSeal = agreementsPath + "/certificate.pem"
	agreementSize     = 5 << 20 // bytes of a form with a scan
)

func agreementOf(code string) string { return agreementsPath + "/" + code }

// agreementPath is where a body's agreement is.
func (v *visit) agreementPath(body unit.ID) string {
	u, _ := v.house.Units.Tree().ByID(body)
	return agreementOf(u.Code)
}

// agreementRoutes are the pages of agreements and processors.
var agreementRoutes = slices.Concat([]route{
	in("GET "+agreementsPath, agreementsPage),
	in("POST "+agreementsPath+"/ask", agreementsAsk),
	in("POST "+agreementsPath+"/remind", agreementsRemind),
	open("GET "+certificateOfSeal, sealCertificate),
	in("GET "+agreementsPath+"/{unit}", agreementPage),
	in("GET "+agreementsPath+"/{unit}/sign", signPage).recent(),
	in("POST "+agreementsPath+"/{unit}/sign", signAgreement).with(agreementSize).recent(),
	in("POST "+agreementsPath+"/{unit}/accept", agreementAccept).recent(),
	in("POST "+agreementsPath+"/{unit}/return", agreementReturn),
	in("POST "+agreementsPath+"/{unit}/countersign", agreementCountersign).taking().recent(),
	in("POST "+agreementsPath+"/{unit}/renew", agreementRenew),
	in("POST "+agreementsPath+"/{unit}/remind", agreementRemind),
	in("GET "+agreementsPath+"/{unit}/print.pdf", agreementPrint),
	in("GET "+agreementsPath+"/{unit}/{number}/signed.pdf", agreementSealed),
	in("GET "+agreementsPath+"/{unit}/{number}/scan", agreementScan),
}, processorRoutes)

// agreementsView is the round of all bodies, or one's own bodies.
type agreementsView struct {
	Figures      look.Figures
	Filters      []standingLink
	Text, Filter string
	Sort         look.Select
	Found        string
	Rows         []agreementRow
	Pages        look.Pages
	Ask          int // bodies that were never asked
	Remind       bool
	Processors   string
}

type agreementRow struct {
	URL, Name, Note string
	Tone            look.Tone
	State, When     string
	Reminders       string
	Remind          string // where a reminder is sent
}

// agreementSorts are the orders of the status; without one it is the tree's.
var agreementSorts = []string{"due", "name"}

// agreementsPage is the status of all bodies for whoever follows the round; whoever signs
// is led to their own.
func agreementsPage(v *visit) error {
	s := v.house.Agreements
	if !s.Any() {
		return errNotFound
	}
	if !s.Sees(v.actor.Person) {
		mine := s.SignsFor(v.actor.Person)
		if len(mine) == 1 {
			return v.to(v.agreementPath(mine[0]))
		}
		var rows []look.Link
		for _, body := range mine {
			rows = append(rows, look.Link{Text: v.unitName(body), URL: v.agreementPath(body)})
		}
		return v.show(page{title: v.T("agreement.page.title"), tab: tabHome, body: agreementsMine(rows)})
	}
	q := v.query()
	filter := q.text("state")
	st, err := s.Status(v.ctx(), v.actor, agreement.State(filter), q.text("text"))
	if err != nil {
		return err
	}
	sortAgreements(st.Lines, q.text("sort"))
	at := min(q.page(), max(1, (len(st.Lines)+agreementsAt-1)/agreementsAt))
	view := agreementsView{
		Text: q.text("text"), Filter: filter, Ask: st.Counts[""], Remind: st.Counts[agreement.Open]+st.Counts[agreement.Returned] > 0,
		Found: v.T("agreement.page.bodies", "count", st.Total), Processors: v.processorsPath(0),
		Pages: look.Pages{Label: v.T("agreement.page.title"), Page: at, Last: max(1, (len(st.Lines)+agreementsAt-1)/agreementsAt),
			URL: pageURL(agreementsPath, "state", filter, "text", q.text("text"), "sort", q.text("sort"))},
		Sort: look.Select{Name: "sort", Label: v.T("agreement.page.sort"), Value: q.text("sort"), Options: []look.Option{{Text: v.T("agreement.sort.tree")}}},
	}
	for _, sort := range agreementSorts {
		view.Sort.Options = append(view.Sort.Options, look.Option{Value: sort, Text: v.T("agreement.sort." + sort)})
	}
	view.Figures = look.Figures{
		{Term: v.T("agreement.state.concluded"), Value: v.p.Number(st.Counts[agreement.Concluded])},
		{Term: v.T("agreement.page.under_way"), Value: v.p.Number(st.Counts[agreement.Signed] + st.Counts[agreement.Accepted] + st.Counts[agreement.Countersigned])},
		{Term: v.T("agreement.state.open"), Value: v.p.Number(st.Counts[agreement.Open] + st.Counts[agreement.Returned])},
		{Term: v.T("agreement.state.late"), Value: v.p.Number(st.Late)},
	}
	view.Filters = v.agreementFilters(&st, filter)
	for i := (at - 1) * agreementsAt; i < min(len(st.Lines), at*agreementsAt); i++ {
		view.Rows = append(view.Rows, v.agreementRow(&st.Lines[i]))
	}
	return v.show(page{title: v.T("agreement.page.title"), tab: tabHome, body: agreementsBody(view)})
}

// agreementFilters lead to the bodies in each state there is.
func (v *visit) agreementFilters(st *agreement.Status, now string) []standingLink {
	all := []standingLink{{v.T("agreement.page.all"), agreementsPath, now == ""}}
	add := func(code string, count int) {
		if count > 0 || now == code {
			all = append(all, standingLink{v.T("agreement.state."+code) + " (" + v.p.Number(count) + ")", agreementsPath + "?state=" + code, now == code})
		}
	}
	add("late", st.Late)
	add("none", st.Counts[""])
	for _, state := range agreement.States {
		add(string(state), st.Counts[state])
	}
	return all
}

func sortAgreements(lines []agreement.Line, by string) {
	switch by {
	case "name":
		slices.SortStableFunc(lines, func(a, b agreement.Line) int { return strings.Compare(locale.Fold(a.Name), locale.Fold(b.Name)) })
	case "due":
		waits := func(l *agreement.Line) civil.Date {
			if l.Agreement.Number == 0 || l.Agreement.State == agreement.Concluded {
				return civil.Date{Year: 9999, Month: 12, Day: 31}
			}
			return l.Agreement.DueOn
		}
		slices.SortStableFunc(lines, func(a, b agreement.Line) int { return waits(&a).DaysSince(waits(&b)) })
	}
}

// agreementRow is a body in the status: names no person.
func (v *visit) agreementRow(l *agreement.Line) agreementRow {
	a := &l.Agreement
	row := agreementRow{URL: v.agreementPath(l.Unit), Name: l.Name}
	row.Tone, row.State = v.agreementState(a)
	switch {
	case a.Number == 0:
	case a.State == agreement.Concluded:
		row.When = v.T("agreement.page.in_force", "date", v.day(a.ConcludedAt))
	default:
		row.When = v.T("agreement.page.due_by", "date", a.DueOn)
		if a.Why != agreement.First {
			row.Note = v.T("agreement.why." + a.Why)
		}
		row.Remind = row.URL + "/remind"
	}
	if a.Reminders > 0 {
		row.Reminders = v.T("agreement.page.reminded", "count", a.Reminders, "date", v.day(a.RemindedAt))
	}
	return row
}

// agreementState says how an agreement stands.
func (v *visit) agreementState(a *agreement.Agreement) (look.Tone, string) {
	if a.Number == 0 {
		return look.Calm, v.T("agreement.state.none")
	}
	said := v.T("agreement.state." + string(a.State))
	switch {
	case a.State == agreement.Concluded:
		return look.OK, said
	case a.State == agreement.Replaced:
		return look.Calm, said
	case a.DueOn.Before(v.house.Access.Today()):
		return look.Late, said
	case a.State.Waits():
		return look.Soon, said
	}
	return look.Note, said
}

func agreementsAsk(v *visit) error {
	asked, err := v.house.Agreements.Ask(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	return v.toWith(agreementsPath, "agreement.notice.asked", int64(asked))
}

func agreementsRemind(v *visit) error {
	told, err := v.house.Agreements.Remind(v.ctx(), v.actor, 0)
	if err != nil {
		return err
	}
	return v.toWith(agreementsPath, "agreement.notice.reminded", int64(told))
}

// sealCertificate is the certificate by which a reader of PDFs knows the house's seal; it
// is public.
func sealCertificate(v *visit) error {
	c, err := v.house.Seal.Current(v.ctx())
	if err != nil {
		return err
	}
	return v.download("kartotek-"+strconv.FormatInt(c.Number, 10)+".pem", "application/x-pem-file", c.PEM())
}

// agreementsLink is where the wearer of the hat finds the agreements that concern them: the
// round of all, or their own body's; "" for others.
func (v *visit) agreementsLink() string {
	s := v.house.Agreements
	switch {
	case !s.Any():
		return ""
	case s.Sees(v.actor.Person):
		return agreementsPath
	case s.PartIn(v.actor.Person, v.hat.Basis.Unit).Signs:
		return v.agreementPath(v.hat.Basis.Unit)
	}
	return ""
}

// adminAgreements is how the round stands, for those who follow it.
func (v *visit) adminAgreements() ([]adminLine, error) {
	s := v.house.Agreements
	if !s.Any() || !s.Sees(v.actor.Person) {
		return nil, nil
	}
	st, err := s.Status(v.ctx(), v.actor, "", "")
	if err != nil {
		return nil, err
	}
	line := v.adminOf("agreement.page.title", "agreement.admin.text", agreementsPath)
	line.More = v.T("agreement.admin.force", "count", st.Counts[agreement.Concluded], "of", st.Total)
	waiting := st.Total - st.Counts[agreement.Concluded]
	switch {
	case st.Late > 0:
		line = line.says(look.Late, v.T("agreement.admin.late", "count", st.Late))
	case waiting > 0:
		line = line.says(look.Note, v.T("agreement.admin.waiting", "count", waiting))
	default:
		line = line.says(look.OK, v.T("agreement.admin.done"))
	}
	root, _ := v.house.Units.Tree().Root()
	all, err := s.Processors(v.ctx(), root.ID)
	return []adminLine{line, v.adminOf("agreement.page.processors", "agreement.admin.processors", processorsPath).says(look.Calm, v.counted(len(all), "agreement.processor.none", "agreement.admin.count"))}, err
}
