package signin

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"pgregory.net/rapid"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

var (
	_ scs.CtxStore = (*Sessions)(nil)
	_ scs.Codec    = Codec{}
	_ Values       = (*scs.SessionManager)(nil)
)

// manager is a session manager as the web face sets it up.
func (h *house) manager() *scs.SessionManager {
	m := scs.New()
	m.Store, m.Codec, m.Lifetime, m.IdleTimeout = h.Sessions(), Codec{}, Lifetime, 0
	return m
}

// enter keeps a session under a new token.
func (h *house) enter(s Session) string {
	h.t.Helper()
	m := h.manager()
	page, err := m.Load(ctx, "")
	h.must(err)
	h.must(m.RenewToken(page))
	s.Keep(page, m)
	token, _, err := m.Commit(page)
	h.must(err)
	return token
}

// at gives the session of a token, as the next page sees it.
func (h *house) at(token string) Session {
	h.t.Helper()
	m := h.manager()
	page, err := m.Load(ctx, token)
	h.must(err)
	return Current(page, m)
}

// store keeps a session with the test's clock, which scs does not know.
func (h *house) store(token string, s Session) {
	h.t.Helper()
	end := h.clock.Now().Add(Lifetime)
	b, err := Codec{}.Encode(end, map[string]any{valueKey: s})
	h.must(err)
	h.must(h.Sessions().CommitCtx(ctx, token, b, end))
}

func (h *house) alive(token string) bool {
	h.t.Helper()
	_, found, err := h.Sessions().FindCtx(ctx, token)
	h.must(err)
	return found
}

func TestSessionThroughManager(t *testing.T) {
	each(t, func(h *house) {
		h.clock.add(time.Since(h.clock.Now())) // scs takes the time from the machine
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		want := Session{Person: kari, As: 1<<40 + 7, Lang: "en", Half: "h", Access: true}
		token := h.enter(want)
		if got := h.at(token); got != want {
			h.t.Errorf("got %+v", got)
		}
		if got := h.at("no such token"); got != (Session{}) {
			h.t.Errorf("got %+v", got)
		}
		m := h.manager()
		page, err := m.Load(ctx, token)
		h.must(err)
		h.must(m.Destroy(page))
		if h.at(token) != (Session{}) || h.count("session") != 0 {
			h.t.Error("a session that was ended goes on")
		}
		page, err = m.Load(ctx, "")
		h.must(err)
		m.Put(page, "email", "kari@x.example")
		if _, _, err := m.Commit(page); err == nil {
			h.t.Error("a session keeps what was not declared")
		}
	})
}

func TestSessionEnds(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		h.store("officer", Session{Person: kari, Access: true})
		h.store("member", Session{Person: kari})
		h.store("left", Session{Person: kari, Access: true})
		for range 23 { // 11½ hours, a page now and then
			h.clock.add(Idle - time.Second)
			h.restart() // what the register knows is enough
			if !h.alive("officer") {
				h.t.Fatal("ended while in use")
			}
		}
		if h.alive("left") || !h.alive("member") {
			h.t.Error("only who has access to others' data idles out")
		}
		h.clock.add(time.Hour)
		if h.alive("officer") || h.alive("member") || h.count("session") != 0 {
			h.t.Error("a session lasts longer than Lifetime")
		}
	})
}

// The register hears of a session in use once a minute, not at every page.
func TestSessionIsWrittenSeldom(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		h.store("officer", Session{Person: kari, Access: true})
		idle := func() (at int64) {
			h.must(h.db.Read(ctx, func(q database.Querier) error { return q.QueryRow(`SELECT idle_at FROM session`).Scan(&at) }))
			return at
		}
		before, writes := idle(), 0
		for range 60 {
			h.clock.add(10 * time.Second)
			if !h.alive("officer") {
				h.t.Fatal("ended")
			}
			if now := idle(); now != before {
				before, writes = now, writes+1
			}
		}
		if writes == 0 || writes > 10 {
			h.t.Errorf("%d writes in 60 pages", writes)
		}
	})
}

// A closing shows the person out everywhere at once, and a page begun before does
// not let them in again (D7).
func TestD7EndAll(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		ola := h.join("ola@x.example", "Ola", date(1978, 2, 3))
		h.store("phone", Session{Person: kari})
		h.store("desk", Session{Person: kari, Access: true})
		h.store("ola", Session{Person: ola})
		h.store("visitor", Session{Lang: "en"})
		begun, found, err := h.Sessions().FindCtx(ctx, "desk")
		if !found || err != nil {
			h.t.Fatal(found, err)
		}
		h.must(h.db.Write(ctx, func(tx *database.Tx) error { return h.EndAll(tx, kari) }))
		h.must(h.Sessions().CommitCtx(ctx, "desk", begun, h.clock.Now().Add(time.Hour)))
		if h.alive("phone") || h.alive("desk") || !h.alive("ola") || !h.alive("visitor") {
			h.t.Error("the wrong sessions were ended")
		}
		h.must(h.db.Write(ctx, func(tx *database.Tx) error { return h.EndAll(tx, 0) }))
		if !h.alive("visitor") {
			h.t.Error("visitors are nobody's sessions")
		}
		_, err = h.keys.Erase(ctx, h.clock.Now(), []vault.PersonID{ola}, vault.Membership)
		h.must(err)
		if h.alive("ola") {
			h.t.Error("an erased person's session goes on")
		}
	})
}

func TestAlteredSessionIsNone(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		h.store("a", Session{Person: kari})
		h.store("b", Session{Lang: "da"})
		h.must(h.db.Write(ctx, func(tx *database.Tx) error {
			var data []byte
			if err := tx.QueryRow(`SELECT data FROM session WHERE token = $1`, h.drawer(forSession, "a").id).Scan(&data); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE session SET data = $1 WHERE token = $2`, data, h.drawer(forSession, "b").id)
			return err
		}))
		if !h.alive("a") || h.alive("b") {
			h.t.Error("a session moved to another row opens")
		}
	})
}

func TestSessionForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 40, 200)
		s := Session{
			Person: vault.PersonID(rapid.Uint32().Draw(t, "person")), As: rapid.Uint64().Draw(t, "as"),
			Lang: text.Draw(t, "lang"), Half: text.Draw(t, "half"), Access: rapid.Bool().Draw(t, "access"),
		}
		end := time.UnixMicro(rapid.Int64Range(1, 1<<52).Draw(t, "end")).UTC()
		b, err := Codec{}.Encode(end, map[string]any{valueKey: s})
		if err != nil {
			t.Fatal(err)
		}
		deadline, values, err := Codec{}.Decode(b)
		if err != nil || !deadline.Equal(end) || values[valueKey] != s {
			t.Fatalf("%v %v %v", deadline, values, err)
		}
	})
}

func FuzzForms(f *testing.F) {
	f.Add((&pass{address: []byte("a"), lang: "da", persons: []vault.PersonID{1, 2}}).encode())
	f.Fuzz(func(t *testing.T, b []byte) { // whatever it is, no panic
		var p pass
		_ = p.decode(b)
		_, _, _ = Codec{}.Decode(b)
	})
}

func TestPassForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pass{address: make([]byte, 32), lang: rapid.StringN(0, 8, 32).Draw(t, "lang")}
		for range rapid.IntRange(0, 9).Draw(t, "persons") {
			p.persons = append(p.persons, vault.PersonID(rapid.Uint32().Draw(t, "person")))
		}
		b := p.encode()
		var back pass
		if err := back.decode(b); err != nil || len(back.persons) != len(p.persons) || back.lang != p.lang || len(b)%passStep != 0 {
			t.Fatalf("%+v from %d bytes, %v", back, len(b), err)
		}
	})
}

func TestContextEndsBeforeTheAct(t *testing.T) {
	each(t, func(h *house) {
		over, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := h.Begin(over, "kari@x.example", remote, "da"); err == nil {
			h.t.Error("a page that was left sends a code")
		}
	})
}
