package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// visit is one request: who asks, as what, in which language, and the means to
// answer. A handler reads from it, calls one act of a room with its actor and
// answers with show, part, to or toWith; an error it returns becomes a page.
type visit struct {
	*site
	w http.ResponseWriter
	r *http.Request

	house   *app.House
	p       *locale.Printer
	session signin.Session
	actor   access.Actor     // nobody before sign-in
	held    []access.Holding // what the person holds today: the hats
	hat     *access.Holding  // the one worn, an element of held; nil for somebody who holds nothing
}

// visit reads the session and finds out who it is.
func (s *site) visit(w http.ResponseWriter, r *http.Request) *visit {
	session := signin.Current(r.Context(), s.sessions)
	v := &visit{site: s, w: w, r: r, house: s.house, p: s.printer(r, session.Lang)}
	v.become(session)
	return v
}

// become makes the visit that of a session's person. A session that is new, or
// whose person was given access or lost it meanwhile, is kept: with access it
// ends sooner when it is not used.
func (v *visit) become(session signin.Session) {
	fresh := session.Person != 0 && session.Person != signin.Current(v.ctx(), v.sessions).Person
	v.session, v.actor, v.held, v.hat = session, access.Actor{}, nil, nil
	if session.Person == 0 {
		return
	}
	v.actor = access.Actor{Person: session.Person, Via: access.Web}
	v.held = v.house.Access.Held(session.Person)
	v.hat = worn(v.held, session.As)
	if v.hat != nil {
		v.actor.As = v.hat.Basis.ID
	}
	v.session.Access = slices.ContainsFunc(v.held, func(h access.Holding) bool { return h.May != 0 })
	if v.session.Access && !session.Ready && !session.Demo { // until the door has what it asks for, a member like all
		v.held, v.hat, v.actor.As = nil, nil, 0
	}
	if fresh || v.session.Access != session.Access {
		v.session.Keep(v.ctx(), v.sessions)
	}
}

// worn is the hat one wears: the one chosen, else the first that opens anything.
func worn(held []access.Holding, chosen uint64) *access.Holding {
	var first *access.Holding
	for i := range held {
		switch h := &held[i]; {
		case h.Basis.ID == chosen:
			return h
		case first == nil || first.May == 0 && h.May != 0:
			first = h
		}
	}
	return first
}

// may reports whether the hat allows any of the acts, to decide what is offered;
// what is done is decided by the rooms.
func (v *visit) may(acts charter.Acts) bool {
	if v.hat == nil {
		return false
	}
	allowed := v.hat.May
	for i := range v.held { // positions are worn together, as access has it
		if v.hat.Basis.Right == access.ByPosition && v.held[i].Basis.Right == access.ByPosition {
			allowed |= v.held[i].May
		}
	}
	if g := v.hat.Grant; g != nil && !slices.Contains(g.Purposes, "administration") { // one searches for administration
		allowed &^= charter.Search
	}
	return allowed&acts != 0
}

// ctx is the request's context.
func (v *visit) ctx() context.Context { return v.r.Context() }

// T is a message in the visitor's language.
func (v *visit) T(key string, pairs ...any) string { return v.p.T(key, pairs...) }

// self is the Scope of one's own data.
func (v *visit) self() (access.Scope, error) {
	return v.house.Access.Require(v.ctx(), v.actor, access.Want{Self: true})
}

// page is what a handler wants shown.
type page struct {
	title  string          // of the document
	tab    tab             // the current one
	body   templ.Component // the main part
	failed bool            // a form came back with problems: status 422, and the title says so
	status int             // 200 unless given
}

// show answers with a page in the layout.
func (v *visit) show(p page) error {
	frame, err := v.layout(p)
	if err != nil {
		return err
	}
	status := p.status
	switch {
	case status != 0:
	case p.failed:
		status = http.StatusUnprocessableEntity
	default:
		status = http.StatusOK
	}
	return v.write(status, frame.With().Of(v.notice(), p.body))
}

// asked reports whether a script of the page asks for one of its regions only.
// Answering with the whole page is right too; part saves the rest.
func (v *visit) asked(region string) bool { return v.r.Header.Get("X-Region") == region }

// part answers with a component alone: the look.Region that was asked for.
func (v *visit) part(region templ.Component) error { return v.write(http.StatusOK, region) }

// write renders first and answers then, so that an error is a page of its own.
func (v *visit) write(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(look.In(v.ctx(), v.p), &b); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.p.Lang())
	v.w.Header().Add("Vary", "Accept-Language")
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		v.w.Write(b.Bytes()) // the visitor may be gone; nobody is left to tell
	}
	return nil
}

// to sends the browser to a path of this site.
func (v *visit) to(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// person reads a person's public id from the path.
func (v *visit) person(name string) (vault.PersonID, error) {
	person, ok := v.house.Keyring.PersonOf(v.r.PathValue(name))
	if !ok {
		return 0, errNotFound
	}
	return person, nil
}

// public is the id by which pages name a person.
func (v *visit) public(person vault.PersonID) string { return v.house.Keyring.PublicID(person) }

// remote is the visitor's network address, for the limits of the sign-in.
func (v *visit) remote() string { return client(v.r, v.house.Proxies) }

// back is the path of the page the visitor came from, if it is one of ours that
// can be asked for again; the front page otherwise.
func (v *visit) back() string {
	from, err := url.Parse(v.r.Referer())
	if err != nil || from.Host != v.r.Host || !strings.HasPrefix(from.Path, "/") || strings.HasPrefix(from.Path, "//") {
		return "/"
	}
	again := &http.Request{Method: http.MethodGet, Host: v.r.Host, URL: &url.URL{Path: from.Path}}
	if _, pattern := v.mux.Handler(again); pattern == "" || pattern == everything {
		return "/"
	}
	return (&url.URL{Path: from.Path, RawQuery: from.RawQuery}).String()
}

// form reads a posted form. A form over the limit is refused.
func (v *visit) form() (form, error) {
	if err := v.r.ParseForm(); err != nil {
		return form{}, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	f := form{v.r.PostForm}
	return f, v.lookedThrough(f)
}

// query reads the filters of a page from its address. They are never personal.
func (v *visit) query() form { return form{v.r.URL.Query()} }

// download answers with a small file that is made already.
func (v *visit) download(name, kind string, content []byte) error {
	v.attachment(name, kind)
	v.w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	v.w.WriteHeader(http.StatusOK)
	v.w.Write(content) // the visitor may be gone
	return nil
}

// attachment says that what follows is a file to keep under a name.
func (v *visit) attachment(name, kind string) {
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
}

// pageURL gives the addresses of the pages of a list, with its filters as name,
// value pairs; empty values are left out.
func pageURL(path string, pairs ...string) func(page int) string {
	return func(page int) string {
		query := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				query.Set(pairs[i], pairs[i+1])
			}
		}
		if page > 1 {
			query.Set("page", strconv.Itoa(page))
		}
		if len(query) == 0 {
			return path
		}
		return path + "?" + query.Encode()
	}
}

// digits is a number for a form or an address; none for 0.
func digits(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
