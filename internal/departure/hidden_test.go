package departure_test

import (
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
)

// look is everything a closing must take a person out of.
type look struct {
	name     string
	sees     func() bool
	afterAll bool // still so once hidden: for whoever may undo
}

func looks(t *testing.T, f *housetest.Fixture, name string) []look {
	ctx, person, role := f.Context(), f.Person(name), roleOf(name)
	number := f.Number[name]
	email := role.More["email"]
	search := func(who, text string) func() bool {
		return func() bool {
			hits, err := f.Members.Search(ctx, f.Scope(who, access.Want{Act: charter.Search}), member.Query{Text: text})
			f.Must(err)
			return slices.ContainsFunc(hits.Rows, func(h member.Hit) bool { return h.Person == person })
		}
	}
	listed := func(who, purpose string) func() bool {
		return func() bool {
			return f.Members.Select(f.Scope(who, access.Want{Act: charter.Pull, Purpose: purpose})).Contains(uint32(person))
		}
	}
	card := func(who string, act charter.Acts) func() bool {
		return func() bool {
			_, err := f.Members.Card(ctx, f.Scope(who, access.Want{Act: act}), person)
			return err == nil
		}
	}
	byNumber := func(who string, act charter.Acts) func() bool {
		return func() bool {
			_, err := f.Members.ByNumber(ctx, f.Scope(who, access.Want{Act: act}), number)
			return err == nil
		}
	}
	named := func(who string, act charter.Acts) func() bool {
		return func() bool {
			names, err := f.Members.Names(ctx, f.Scope(who, access.Want{Act: act}), []vault.PersonID{person})
			f.Must(err)
			return names[person] != ""
		}
	}
	all := []look{
		{name: "search by name, secretariat", sees: search("anna", role.Family)},
		{name: "search by name, chair", sees: search("chair", role.Given)},
		{name: "search by number", sees: search("anna", number)},
		{name: "search for everybody", sees: search("anna", "")},
		{name: "list of statutory notices", sees: listed("anna", "meeting-notice")},
		{name: "list of the chair", sees: listed("chair", "newsletter")},
		{name: "card, secretariat", sees: card("anna", charter.View)},
		{name: "card to edit, officer", sees: card("officer", charter.Edit)},
		{name: "by number, chair", sees: byNumber("chair", charter.View)},
		{name: "by number, to close", sees: byNumber("anna", charter.Close), afterAll: true},
		{name: "name, journal", sees: named("anna", charter.Journal)},
		{name: "name, to close", sees: named("anna", charter.Close), afterAll: true},
		{name: "belonging", sees: func() bool { return f.Members.Belongs(person, f.Bodies["gentofte"]) }},
		{name: "edit", sees: func() bool {
			_, err := f.Members.Update(ctx, f.Scope("officer", access.Want{Act: charter.Edit}), person, member.Changes{})
			return err == nil
		}},
	}
	if email != "" {
		all = append(all, look{name: "search by e-mail", sees: search("anna", email)}, look{name: "sign-in", sees: func() bool { return signsIn(f, email) == person }})
	}
	if role.Post != "" {
		all = append(all, look{name: "rights", sees: func() bool {
			_, err := f.Access.Decide(f.As(name), access.Want{Act: charter.View})
			return err == nil
		}}, look{name: "holders", sees: func() bool {
			holders, err := f.Access.Holders(f.Scope("anna", access.Want{Act: charter.Access}))
			f.Must(err)
			return slices.ContainsFunc(holders, func(h access.Holding) bool { return h.Person == person })
		}})
	}
	return all
}

func roleOf(name string) housetest.Role {
	at := slices.IndexFunc(housetest.Cast, func(r housetest.Role) bool { return r.Name == name })
	return housetest.Cast[at]
}

// signsIn goes through a sign-in with the code from the mailbox; 0 for nobody.
func signsIn(f *housetest.Fixture, email string) vault.PersonID {
	f.Clock.Add(time.Hour) // past every limit on codes
	request, err := f.SignIn.Begin(f.Context(), email, "192.0.2.7:50123", "da")
	f.Must(err)
	code := f.Code(email)
	if code == "" {
		return 0
	}
	result, err := f.SignIn.Finish(f.Context(), request, code, "192.0.2.7:50123")
	if err != nil {
		return 0
	}
	return result.Person
}

func TestD7HiddenAtOnceAndUndoneExactly(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		for _, name := range []string{"member", "treasurer"} {
			person := f.Person(name)
			all := looks(t, f, name)
			check := func(when string, hidden bool) {
				t.Helper()
				for _, l := range all {
					if got := l.sees(); got != (!hidden || l.afterAll) {
						t.Errorf("%s, %s: %s: %v", name, when, l.name, got)
					}
				}
			}
			check("before", false)
			before := records(t, f, person)
			count := f.Members.Count(f.Bodies["gentofte"])
			held := f.Access.Held(person)
			token, other := session(t, f, person), session(t, f, person)
			// A code asked for before the closing opens nothing after it.
			var request, code string
			if email := roleOf(name).More["email"]; email != "" {
				f.Clock.Add(time.Hour)
				var err error
				request, err = f.SignIn.Begin(ctx, email, "192.0.2.8:50123", "da")
				f.Must(err)
				code = f.Code(email)
			}
			_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
			f.Must(err)
			check("closed", true)
			if request != "" {
				if result, err := f.SignIn.Finish(ctx, request, code, "192.0.2.8:50123"); err == nil {
					t.Errorf("a code from before lets %d in", result.Person)
				}
			}
			if sessionStands(f, token) {
				t.Errorf("%s is still signed in", name)
			}
			if got := f.Members.Count(f.Bodies["gentofte"]); got != count-1 {
				t.Errorf("%d are counted, not %d", got, count-1)
			}
			f.Reopen()
			all = looks(t, f, name)
			check("after a start", true)
			// Nobody but the secretariat undoes it.
			if err := f.Departures.Undo(ctx, f.As("chair"), person); !fault.Is(err, fault.Denied) {
				t.Errorf("the chair undoes it: %v", err)
			}
			f.Must(f.Departures.Undo(ctx, f.As("bo"), person))
			check("undone", false)
			if sessionStands(f, other) {
				t.Errorf("%s: a session from before the closing opens again", name)
			}
			if after := records(t, f, person); !slices.Equal(before, after) {
				t.Errorf("%s\nbefore %q\nafter  %q", name, before, after)
			}
			if got := f.Access.Held(person); !slices.Equal(got, held) {
				t.Errorf("%s held %+v, now %+v", name, held, got)
			}
			refused(t, "undone twice", f.Departures.Undo(ctx, f.As("bo"), person), fault.NotFound, "departure.error.none")
			f.Reopen()
			all = looks(t, f, name)
			check("undone, after a start", false)
		}
	})
}

// records gives everything the register holds about somebody, in words.
func records(t *testing.T, f *housetest.Fixture, person vault.PersonID) (all []string) {
	t.Helper()
	scope, err := f.Access.Decide(access.Actor{Person: person, Via: access.System}, access.Want{Self: true})
	f.Must(err)
	sections, err := f.Members.Held(f.Context(), scope)
	f.Must(err)
	for _, s := range sections {
		for _, line := range s.Lines {
			all = append(all, s.Kind+" "+line.Key+" "+line.Value+line.ValueKey)
		}
	}
	return all
}

// session signs somebody in and gives the token.
func session(t *testing.T, f *housetest.Fixture, person vault.PersonID) string {
	t.Helper()
	end := f.Clock.Now().Add(signin.Lifetime)
	data, err := signin.Codec{}.Encode(end, map[string]any{"signin": signin.Session{Person: person}})
	f.Must(err)
	token := rand.Text()
	f.Must(f.SignIn.Sessions().CommitCtx(f.Context(), token, data, end))
	if !sessionStands(f, token) {
		t.Fatal("the session does not stand")
	}
	return token
}

func sessionStands(f *housetest.Fixture, token string) bool {
	_, found, err := f.SignIn.Sessions().FindCtx(f.Context(), token)
	f.Must(err)
	return found
}
