package charter

import "slices"

// Agreements are the rules by which bodies agree on the members' data (L10): which
// agreement there must be follows from the levels' roles, see Binding. Codes are of
// posts and of positions.
type Agreements struct {
	Signs        []string `toml:"signs"`        // who signs for a body: posts there
	Receives     []string `toml:"receives"`     // who looks at what was signed (N2); they need no member data
	Countersigns []string `toml:"countersigns"` // who signs for the other side: never whoever signed for the body

	AnswerDays  Number `toml:"answer-days"`  // a body signs within
	ReceiveDays Number `toml:"receive-days"` // what was signed is looked at, and countersigned, within
	RemindDays  Number `toml:"remind-days"`  // whoever has not signed is told again every so many days
	NoticeDays  Number `toml:"notice-days"`  // a new sub-processor is told so long before (Art. 28(2))
	KeepYears   Number `toml:"keep-years"`   // an agreement is kept so long after its end
}

// What bodies must agree on (L10).
const (
	BindingProcessing = "processing" // GDPR Art. 28: controller and processor
	BindingJoint      = "joint"      // GDPR Art. 26: joint controllers
)

// Binding says what bodies of a level must agree on, and with bodies of which level
// above them: a controller below a processor has it process (Art. 28), a joint
// controller arranges with the controller above (Art. 26). "" where nothing follows.
func (c *Charter) Binding(level string) (kind string, with *Level) {
	l, known := c.Level(level)
	if !known {
		return "", nil
	}
	want, kind := ControllerProcessor, BindingProcessing
	switch l.Controller {
	case ControllerAlone:
	case ControllerJoint:
		want, kind = ControllerAlone, BindingJoint
	default:
		return "", nil
	}
	for range c.Levels { // a charter that is refused may name itself above itself
		if l, known = c.Level(l.Parent); !known {
			return "", nil
		}
		if l.Controller == want {
			return kind, l
		}
	}
	return "", nil
}

// usualAgreements hold where a charter says nothing of agreements; who signs follows
// from what posts and positions may do (compileAgreements).
func usualAgreements() Agreements {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	of := func(value int) Number { return Number{Value: value, Source: own} }
	return Agreements{AnswerDays: of(60), ReceiveDays: of(30), RemindDays: of(14), NoticeDays: of(30), KeepYears: of(5)}
}

func (a *Agreements) rows() []Parameter {
	return []Parameter{
		a.AnswerDays.row("agreement-answer-days"), a.ReceiveDays.row("agreement-receive-days"), a.RemindDays.row("agreement-remind-days"),
		a.NoticeDays.row("agreement-notice-days"), a.KeepYears.row("agreement-keep-years"),
	}
}

// compileAgreements makes who signs of a charter that does not say: a body's first
// post with access signs; positions, or the root's posts, that close memberships
// receive and countersign.
func (c *Charter) compileAgreements() {
	a := &c.Agreements
	if a.Signs == nil {
		for i := range c.Levels {
			if kind, _ := c.Binding(c.Levels[i].Code); kind == "" {
				continue
			}
			for _, post := range c.PostsAt(c.Levels[i].Code) {
				if post.Acts != 0 && post.OverMembers == 0 {
					if !slices.Contains(a.Signs, post.Code) {
						a.Signs = append(a.Signs, post.Code)
					}
					break
				}
			}
		}
	}
	var office []string
	for i := range c.Positions {
		if c.Positions[i].Acts.Has(Close) {
			office = append(office, c.Positions[i].Code)
		}
	}
	if root := c.Root(); root != nil && len(office) == 0 {
		for _, post := range c.PostsAt(root.Code) {
			if post.Acts.Has(Close) {
				office = append(office, post.Code)
			}
		}
	}
	if a.Receives == nil {
		a.Receives = office
	}
	if a.Countersigns == nil {
		a.Countersigns = office
	}
}

// agreements checks that whoever is named exists.
func (r *reporter) agreements(c *Charter) {
	a := &c.Agreements
	for _, l := range []struct {
		path  string
		codes []string
	}{{"signs", a.Signs}, {"receives", a.Receives}, {"countersigns", a.Countersigns}} {
		for i, code := range l.codes {
			_, post := c.Post(code)
			if _, position := c.Position(code); !post && !position {
				r.report(index("agreements."+l.path, i), "charter.error.agreement_signer", "code", code)
			}
		}
	}
	for _, n := range []struct {
		key       string
		n         *Number
		low, high int
	}{
		{"answer-days", &a.AnswerDays, 7, 365}, {"receive-days", &a.ReceiveDays, 3, 120}, {"remind-days", &a.RemindDays, 1, 90},
		{"notice-days", &a.NoticeDays, 14, 180}, {"keep-years", &a.KeepYears, 1, 20},
	} {
		r.between("agreements."+n.key+".value", n.n.Value, n.low, n.high)
		r.checked("agreements."+n.key, n.n.Checked)
	}
}
