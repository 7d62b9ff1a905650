package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

// tab is a guide card of the main menu.
type tab uint8

const (
	noTab tab = iota
	tabHome
	tabMembers
	tabLeaving
	tabLists
	tabDues
	tabAccess
	tabAdministration
	tabMe
)

// tabs are the guide cards in their order, with the acts that open them; those
// that need none are everybody's.
var tabs = []struct {
	tab  tab
	key  string
	path string
	acts charter.Acts
}{
	{tabHome, "web.tab.home", homePath, charter.AllActs},
	{tabMembers, "web.tab.members", membersPath, charter.Search},
	{tabLeaving, "web.tab.leaving", leavingPath, charter.Close},
	{tabLists, "web.tab.lists", listsPath, charter.Pull},
	{tabDues, "web.tab.dues", duesPath, charter.Collect},
	{tabAccess, "web.tab.access", accessPath, charter.Access},
	{tabAdministration, "admin.title", administrationPath, charter.AllActs},
	{tabMe, "web.tab.me", mePath, 0},
}

// layout is the page around a page's main part.
func (v *visit) layout(p page) (look.Page, error) {
	frame := look.Page{
		Title: p.title, Failed: p.failed, Organisation: v.organisation(), Home: homePath,
		Label:     look.Label{Body: v.organisation(), Role: v.T("web.frame.register")},
		Languages: v.languages(),
		Foot:      look.Foot{Links: v.footLinks()},
	}
	if v.session.Person == 0 {
		frame.Home = "/signin"
		return frame, nil
	}
	name, err := v.ownName()
	if err != nil {
		return look.Page{}, err
	}
	frame.Account = look.Account{Name: name, SignOut: "/signout"}
	frame.Label = v.label(name)
	for _, t := range tabs {
		if t.acts != 0 && !v.may(t.acts) && !(t.tab == tabHome && v.hat != nil) {
			continue
		}
		if t.tab == tabAdministration && !v.administers() {
			continue
		}
		if t.tab == tabDues && !v.house.Dues.Any() {
			continue
		}
		card := look.Tab{Text: v.T(t.key), URL: t.path, Current: t.tab == p.tab}
		if t.tab == tabLeaving {
			if card.Count, err = v.waiting(); err != nil {
				return look.Page{}, err
			}
			card.Waiting = v.T("web.tab.waiting")
		}
		frame.Tabs = append(frame.Tabs, card)
	}
	return frame, nil
}

// organisation is the association's name.
func (v *visit) organisation() string {
	if root, ok := v.house.Units.Tree().Root(); ok {
		return root.Name
	}
	return v.house.Charter.Name.In(v.p.Lang())
}

// waiting is how many memberships wait for the secretariat to close them.
func (v *visit) waiting() (count int, err error) {
	open, err := v.house.Duties.Open(v.ctx(), v.responsible())
	for _, d := range open {
		if d.Kind == duty.CloseMembership || d.Kind == duty.ConfirmErasure {
			count++
		}
	}
	return count, err
}

// label is the drawer label: where one works and as what, and what one may
// change to.
func (v *visit) label(name string) look.Label {
	if v.hat == nil {
		return look.Label{Body: name, Role: v.T("web.frame.member")}
	}
	label := look.Label{Body: v.bodyName(v.hat.Basis), Role: v.postName(v.hat.Basis)}
	for i := range v.held {
		b := v.held[i].Basis
		label.Hats = append(label.Hats, look.Hat{
			Body: v.bodyName(b), Note: v.hatNote(b), Action: hatPath(b.ID), Current: b.ID == v.hat.Basis.ID,
		})
	}
	label.Hats = append(label.Hats, look.Hat{Body: name, Note: v.T("web.frame.own_page"), URL: mePath})
	return label
}

// hatNote says what a hat is and until when.
func (v *visit) hatNote(b access.Basis) string {
	if b.Until.IsZero() {
		return v.postName(b)
	}
	return v.T("web.frame.until", "post", v.postName(b), "date", b.Until)
}

// bodyName is the body a right is of: an association, or the secretariat.
func (v *visit) bodyName(b access.Basis) string {
	if b.Right == access.ByPosition {
		return v.T("web.frame.secretariat")
	}
	if body, ok := v.house.Units.Tree().ByID(b.Unit); ok {
		return body.Name
	}
	return v.organisation()
}

// postName is the name of a post or position in the visitor's language.
func (v *visit) postName(b access.Basis) string {
	if b.Right == access.ByCover || b.Right == access.ByGrant {
		return v.house.Access.Title(v.p, b)
	}
	return v.codeName(string(b.Right), b.Code)
}

// codeName names a post or position by the kind of right it gives.
func (v *visit) codeName(right, code string) string {
	if right == string(access.ByHandout) && code != "" {
		return v.anyPost(code)
	}
	if right == string(access.ByGrant) {
		return v.T("access.sheet.grant")
	}
	if post, ok := v.house.Charter.Post(code); ok && (right == string(access.ByPost) || right == string(access.ByCover) || right == string(access.BySubstitute)) {
		return post.Name.In(v.p.Lang())
	}
	if position, ok := v.house.Charter.Position(code); ok && right == string(access.ByPosition) {
		return position.Name.In(v.p.Lang())
	}
	if code == "" && v.p.Has("journal.right."+right) {
		return v.T("journal.right." + right)
	}
	return code
}

// languages are the ones the page can be read in.
func (v *visit) languages() []look.Language {
	var list []look.Language
	for _, code := range locale.Languages() {
		list = append(list, look.Language{
			Code: code, Name: locale.For(code).Name(), Action: "/language/" + code, Current: code == v.p.Lang(),
		})
	}
	return list
}

func (v *visit) footLinks() []look.Link {
	var links []look.Link
	if v.session.Person != 0 {
		links = append(links, look.Link{Text: v.T("web.foot.seen"), URL: "/me/seen"}, look.Link{Text: v.T("web.foot.everything"), URL: "/me/everything"}, look.Link{Text: v.T("door.account.title"), URL: accountPath})
	}
	links = append(links, v.privacyLink())
	links = append(links, v.procedureLinks()...)
	links = append(links, look.Link{Text: v.T("web.foot.certificate"), URL: certificatePath})
	if v.house.Demo {
		links = append(links, look.Link{Text: v.T("web.foot.mailbox"), URL: "/mailbox"})
	}
	return links
}

// hatPath is where a hat is put on.
func hatPath(id uint64) string { return "/hat/" + strconv.FormatUint(id, 10) }

// chooseHat changes what one works as. Somebody who does not hold it keeps the
// hat they wear.
func chooseHat(v *visit) error {
	id, _ := strconv.ParseUint(v.r.PathValue("id"), 10, 64)
	for _, h := range v.held {
		if h.Basis.ID == id {
			v.session.As = id
			v.session.Keep(v.ctx(), v.sessions)
		}
	}
	return v.to(homePath)
}

// chooseLanguage changes the language of the pages and goes back to where one was.
func chooseLanguage(v *visit) error {
	code := v.r.PathValue("code")
	if !known(code) {
		return errNotFound
	}
	http.SetCookie(v.w, v.cookie(languageCookie, code, 365*24*60*60))
	if v.session.Person != 0 {
		v.session.Lang = code
		v.session.Keep(v.ctx(), v.sessions)
	}
	return v.to(v.back())
}

const noticeCookie = "notice"

// toWith sends the browser on and has the next page say a message, which may
// name one number ("list 317"). The message's key travels in a cookie, so it is
// said once and stands in no address.
func (v *visit) toWith(path, key string, number ...int64) error {
	for _, n := range number {
		key += "|" + strconv.FormatInt(n, 10)
	}
	http.SetCookie(v.w, v.cookie(noticeCookie, key, 60))
	return v.to(path)
}

// notice is what the page before wanted said, or nothing.
func (v *visit) notice() templ.Component {
	cookie, err := v.r.Cookie(v.cookieName(noticeCookie))
	if err != nil {
		return templ.NopComponent
	}
	http.SetCookie(v.w, v.cookie(noticeCookie, "", -1))
	key, argument, _ := strings.Cut(cookie.Value, "|")
	// Only notices are said: whoever plants a cookie chooses among these.
	if !strings.Contains(key, ".notice.") && !strings.HasPrefix(key, "notice.done.") || !v.p.Has(key) {
		return templ.NopComponent
	}
	number, _ := strconv.ParseInt(argument, 10, 64)
	return look.Notice{Tone: look.OK, Title: v.T(key, "number", number), Said: true}
}

// ownName is the name of whoever is signed in; somebody without a card, such as
// one whose membership is closed, has none.
func (v *visit) ownName() (string, error) {
	scope, err := v.self()
	if err != nil {
		return "", err
	}
	name, err := v.house.Members.OwnName(v.ctx(), scope)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unavailable) {
		return v.T("web.frame.member"), nil
	}
	return name, err
}
