package web

import (
	"net/url"
	"strconv"

	"kartotek/internal/agreement"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// Who processes members' data for a body, the whole chain (N12). It names organisations.
const processorsPath = "/processors"

var processorRoutes = []route{
	in("GET "+processorsPath, processorsPage),
	in("GET "+processorsPath+"/new", processorNewPage),
	in("POST "+processorsPath+"/new", processorAdd).with(agreementSize),
	in("GET "+processorsPath+"/{id}", processorPage),
	in("POST "+processorsPath+"/{id}/answer", processorAnswer),
	in("POST "+processorsPath+"/{id}/settle", processorSettle),
	in("POST "+processorsPath+"/{id}/end", processorEnd),
	in("GET "+processorsPath+"/{id}/agreement", processorFile),
}

// processorsPath is the chain of a body; of body 0 that of the whole register.
func (v *visit) processorsPath(body unit.ID) string {
	if u, known := v.house.Units.Tree().ByID(body); known && u.Parent != 0 {
		return processorsPath + "?" + url.Values{"unit": {u.Code}}.Encode()
	}
	return processorsPath
}

func processorOf(id int64, code string) string {
	path := processorsPath + "/" + strconv.FormatInt(id, 10)
	if code == "" {
		return path
	}
	return path + "?" + url.Values{"unit": {code}}.Encode()
}

// processorPath is where a processor is looked at for a body.
func (v *visit) processorPath(id int64, body unit.ID) string {
	u, _ := v.house.Units.Tree().ByID(body)
	return processorOf(id, u.Code)
}

// processorsView is the chain.
type processorsView struct {
	Body, Title string
	Rows        []processorRow
	New         string // where one is added
	Agreement   string // the body's, where there is one
	Others      []look.Link
}

type processorRow struct {
	URL, Name, For    string
	Depth             int
	Country, Transfer string
	Abroad            bool
	Task              string
	Tone              look.Tone
	State             string
}

// processorBody is the body asked for, else the one that one signs for, else the root.
func (v *visit) processorBody(code string) (unit.Unit, error) {
	tree := v.house.Units.Tree()
	if code != "" {
		u, known := tree.ByCode(code)
		if !known {
			return u, errNotFound
		}
		return u, nil
	}
	if mine := v.house.Agreements.SignsFor(v.actor.Person); len(mine) > 0 {
		u, _ := tree.ByID(mine[0])
		return u, nil
	}
	root, _ := tree.Root()
	return root, nil
}

func processorsPage(v *visit) error {
	body, err := v.processorBody(v.query().text("unit"))
	if err != nil {
		return err
	}
	s := v.house.Agreements
	all, err := s.Processors(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	view := processorsView{Body: body.Name, Title: v.T("agreement.page.processors")}
	if s.Keeps(v.actor.Person, body.ID) {
		view.New = processorsPath + "/new?" + url.Values{"unit": {body.Code}}.Encode()
	}
	if _, bound := s.Bound(body.ID); bound {
		view.Agreement = agreementOf(body.Code)
	}
	today := v.house.Access.Today()
	for i := range all {
		x := &all[i]
		row := processorRow{
			URL: processorOf(x.ID, body.Code), Name: x.Name, For: v.unitName(x.Unit), Depth: x.Depth, Country: v.p.Country(x.Country),
			Transfer: v.T("agreement.transfer." + x.Transfer), Abroad: !agreement.InEEA(x.Country), Task: x.Task,
			Tone: look.OK, State: v.T("agreement.processor.since", "date", v.p.ShortDate(x.From)),
		}
		switch {
		case x.Objections > 0 && s.Keeps(v.actor.Person, x.Unit):
			row.Tone, row.State = look.Soon, v.T("agreement.processor.against", "count", x.Objections)
		case x.From.After(today):
			row.Tone, row.State = look.Note, v.T("agreement.processor.coming", "date", v.p.ShortDate(x.From))
		}
		view.Rows = append(view.Rows, row)
	}
	return v.show(page{title: view.Title + " · " + body.Name, tab: tabHome, body: processorsBody(view)})
}

// processorView is one of them.
type processorView struct {
	Problems         look.Problems
	Name, Lead, Back string
	Body             string
	Rows             look.Rows
	File             string
	Path             string // of the acts, with the body
	Answer, Keeps    bool
	AnswerText       string
	Objections       []objectionRow
	Code             string
}

type objectionRow struct {
	ID, Body, When, Reason string
	Outcome, Reply         string
	Open                   bool
}

func (v *visit) processorAsked() (agreement.Processor, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return agreement.Processor{}, errNotFound
	}
	return v.house.Agreements.Processor(v.ctx(), id)
}

func processorPage(v *visit) error { return v.processor(v.query().text("unit"), nil) }

func (v *visit) processor(code string, problems look.Problems) error {
	x, err := v.processorAsked()
	if err != nil {
		return err
	}
	s := v.house.Agreements
	body, _ := v.house.Units.Tree().ByID(x.Unit)
	if code != "" {
		if body, err = v.processorBody(code); err != nil {
			return err
		}
	}
	view := processorView{
		Problems: problems, Name: x.Name, Body: body.Name, Back: v.processorsPath(body.ID), Path: processorOf(x.ID, ""), Code: body.Code,
		Lead: v.T("agreement.processor.of", "body", v.unitName(x.Unit)),
	}
	if view.Rows, err = v.processorRows(&x); err != nil {
		return err
	}
	keeps := s.Keeps(v.actor.Person, x.Unit)
	if x.HasFile && (keeps || s.Sees(v.actor.Person) || len(s.SignsFor(v.actor.Person)) > 0) {
		view.File = processorOf(x.ID, "") + "/agreement"
	}
	view.Keeps = keeps && x.Until.IsZero()
	if view.Answer, err = s.Asked(v.ctx(), v.actor.Person, x.ID, body.ID); err != nil {
		return err
	}
	view.AnswerText = v.T("agreement.processor.answer_text", "name", x.Name, "date", x.From)
	all, err := s.Objections(v.ctx(), v.actor, x.ID)
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		row := objectionRow{
			ID: strconv.FormatInt(o.ID, 10), Body: v.unitName(o.Unit), When: v.moment(o.At), Reason: o.Reason, Reply: o.Answer, Open: keeps && o.Outcome == "",
		}
		if o.Outcome != "" {
			row.Outcome = v.T("agreement.processor.outcome_" + o.Outcome)
		}
		view.Objections = append(view.Objections, row)
	}
	return v.show(page{title: x.Name, tab: tabHome, body: processorBody(view), failed: problems != nil})
}

// processorRows are what everybody may know of one (GDPR Art. 28(2), EDPB 22/2024).
func (v *visit) processorRows(x *agreement.Processor) (look.Rows, error) {
	purposes := make([]string, 0, len(x.Purposes))
	for _, code := range x.Purposes {
		purposes = append(purposes, v.purposeName(code))
	}
	parent := v.unitName(x.Unit)
	if x.Parent != 0 {
		above, err := v.house.Agreements.Processor(v.ctx(), x.Parent)
		if err != nil {
			return nil, err
		}
		parent = above.Name
	}
	since := v.T("agreement.processor.since", "date", x.From)
	if x.From.After(v.house.Access.Today()) {
		since = v.T("agreement.processor.coming", "date", x.From)
	}
	if !x.Until.IsZero() {
		since = v.p.Date(x.From) + " – " + v.p.Date(x.Until)
	}
	told := ""
	if !x.ToldOn.IsZero() {
		told = v.T("agreement.processor.told", "date", x.ToldOn)
	}
	return look.Rows{
		{Term: v.T("agreement.processor.task"), Value: look.Text(x.Task)},
		{Term: v.T("agreement.processor.fields"), Value: look.Text(v.p.List(v.fieldNames(x.Fields)))},
		{Term: v.T("agreement.processor.purposes"), Value: look.Text(v.p.List(purposes))},
		{Term: v.T("agreement.processor.country"), Value: look.Text(v.p.Country(x.Country)), Note: v.T("agreement.transfer." + x.Transfer)},
		{Term: v.T("agreement.processor.address"), Value: look.Text(x.Address)},
		{Term: v.T("agreement.processor.contact"), Value: look.Text(x.Contact)},
		{Term: v.T("agreement.processor.parent"), Value: look.Text(parent)},
		{Term: v.T("agreement.processor.from"), Value: look.Text(capitalised(since)), Note: told},
	}, nil
}

// processorForm is a processor as it is typed.
type processorForm struct {
	Problems                              look.Problems
	Back, Body, Code                      string
	Name, Address, Contact, Country, Task string
	From, FromHint                        string
	Parent, Transfer                      look.Select
	Purposes, Fields                      look.Choices
}

func processorNewPage(v *visit) error { return v.processorForm(v.query(), nil) }

func (v *visit) processorForm(f form, problems look.Problems) error {
	body, err := v.processorBody(f.text("unit"))
	if err != nil {
		return err
	}
	if !v.house.Agreements.Keeps(v.actor.Person, body.ID) {
		return fault.New(fault.Denied, "agreement.denied")
	}
	view := processorForm{
		Problems: problems, Back: v.processorsPath(body.ID), Body: body.Name, Code: body.Code, Name: f.text("name"), Address: f.text("address"),
		Contact: f.text("contact"), Country: f.text("country"), Task: f.text("task"), From: f.text("from"),
	}
	if _, own := v.house.Agreements.Bound(body.ID); !own {
		view.FromHint = v.T("agreement.processor.from_hint", "days", v.house.Charter.Agreements.NoticeDays.Value)
	}
	view.Parent = look.Select{Name: "parent", Label: v.T("agreement.processor.parent"), Value: f.text("parent"), Error: problems.For("parent"),
		Options: []look.Option{{Text: v.T("agreement.processor.direct")}}}
	all, err := v.house.Agreements.Processors(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Unit == body.ID {
			view.Parent.Options = append(view.Parent.Options, look.Option{Value: strconv.FormatInt(all[i].ID, 10), Text: all[i].Name})
		}
	}
	view.Transfer = look.Select{Name: "transfer", Label: v.T("agreement.processor.transfer"), Value: f.text("transfer"), Error: problems.For("transfer")}
	for _, ground := range agreement.Transfers {
		view.Transfer.Options = append(view.Transfer.Options, look.Option{Value: ground, Text: capitalised(v.T("agreement.transfer." + ground))})
	}
	view.Purposes = look.Choices{Name: "purposes", Legend: v.T("agreement.processor.purposes"), Many: true, Error: problems.For("purposes")}
	for i := range v.house.Charter.Purposes {
		p := &v.house.Charter.Purposes[i]
		view.Purposes.Options = append(view.Purposes.Options, look.Choice{Value: p.Code, Text: p.Name.In(v.p.Lang()), Checked: f.chosen("purposes", p.Code)})
	}
	view.Fields = look.Choices{Name: "fields", Legend: v.T("agreement.processor.fields"), Many: true, Error: problems.For("fields")}
	for i := range v.house.Charter.Fields {
		field := &v.house.Charter.Fields[i]
		view.Fields.Options = append(view.Fields.Options, look.Choice{Value: field.Code, Text: field.Name.In(v.p.Lang()), Checked: f.chosen("fields", field.Code)})
	}
	return v.show(page{title: v.T("agreement.processor.add"), tab: tabHome, body: processorNewBody(view), failed: problems != nil})
}

func processorAdd(v *visit) error {
	f, file, err := v.withFile()
	if err != nil {
		return err
	}
	body, err := v.processorBody(f.text("unit"))
	if err != nil {
		return err
	}
	from, ok := f.date("from")
	if !ok {
		return v.processorForm(f, look.Problems{{Field: "from", Text: v.T("agreement.error.day")}})
	}
	x, err := v.house.Agreements.AddProcessor(v.ctx(), v.actor, agreement.Processor{
		Unit: body.ID, Parent: f.number("parent"), Name: f.text("name"), Address: f.text("address"), Contact: f.text("contact"), Country: f.text("country"),
		Transfer: f.text("transfer"), Task: f.text("task"), Purposes: f.values["purposes"], Fields: f.values["fields"], From: from,
	}, file)
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.processorForm(f, problems)
	}
	return v.toWith(processorOf(x.ID, body.Code), "agreement.notice.saved")
}

// processorStep does something with a processor and leads on.
func (v *visit) processorStep(done string, act func(x *agreement.Processor, body unit.ID, f form) error) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	x, err := v.processorAsked()
	if err != nil {
		return err
	}
	body, err := v.processorBody(f.text("unit"))
	if err != nil {
		return err
	}
	problems, err := v.problems(act(&x, body.ID, f))
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.processor(body.Code, problems)
	}
	return v.toWith(processorOf(x.ID, body.Code), done)
}

func processorAnswer(v *visit) error {
	return v.processorStep("agreement.notice.answered", func(x *agreement.Processor, body unit.ID, f form) error {
		return v.house.Agreements.Answer(v.ctx(), v.actor, x.ID, body, f.text("do") == "against", f.text("reason"))
	})
}

func processorSettle(v *visit) error {
	return v.processorStep("agreement.notice.answered", func(_ *agreement.Processor, _ unit.ID, f form) error {
		return v.house.Agreements.Settle(v.ctx(), v.actor, f.number("objection"), f.text("do") == "withdraw", f.text("answer"))
	})
}

func processorEnd(v *visit) error {
	return v.processorStep("agreement.notice.ended", func(x *agreement.Processor, _ unit.ID, _ form) error {
		return v.house.Agreements.EndProcessor(v.ctx(), v.actor, x.ID)
	})
}

// processorFile is the agreement with a processor, shown on request (N12).
func processorFile(v *visit) error {
	x, err := v.processorAsked()
	if err != nil {
		return err
	}
	file, err := v.house.Agreements.ProcessorFile(v.ctx(), v.actor, x.ID)
	if err != nil {
		return err
	}
	kind, ending := fileKind(file)
	return v.download(v.T("agreement.page.file_name")+"-"+strconv.FormatInt(x.ID, 10)+ending, kind, file)
}
