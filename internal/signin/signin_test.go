package signin

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

func TestSignIn(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("  Kari@X.example ")
		letter := h.letter()
		if letter.To != "kari@x.example" || letter.Subject != "Din kode" || !strings.Contains(letter.Body, "https://kartotek.example/signin/"+request) {
			h.t.Fatalf("%+v", letter)
		}
		code := sixDigits.FindString(letter.Body)
		result, err := h.Finish(ctx, request, code[:3]+" "+code[3:], remote)
		h.must(err)
		if result.Person != kari || result.Lang != "da" || result.Choice != "" || h.people[kari].shown != 0 {
			h.t.Fatalf("%+v", result)
		}
		lines := h.entries(journal.SignIn)
		if len(lines) != 1 || lines[0].Actor != uint32(kari) || lines[0].Right != "self" || lines[0].Via != "web" {
			h.t.Fatalf("%+v", lines)
		}
		_, err = h.Finish(ctx, request, code, remote)
		h.refused(err, fault.Gone, "signin.error.over")
		h.must(h.SignOut(ctx, kari))
		if lines := h.entries(journal.SignOut); len(lines) != 1 || lines[0].Actor != uint32(kari) {
			h.t.Errorf("%+v", lines)
		}
	})
}

// L1: a subject that names the association fails the start, not the first sign-in.
func TestL1TellingSubjectFailsTheStart(t *testing.T) {
	each(t, func(h *house) {
		m, err := mail.New(h.db, h.keys, mail.Options{From: "post@kartotek.example", Unsaid: []string{"Kode"}})
		h.must(err)
		if _, err := New(h.db, h.keys, h.journal, m, h.o); err == nil {
			h.t.Error("taken")
		}
	})
}

// The code goes to the address that was looked up, whatever look-alike was typed.
func TestLookAlikeGetsNoCode(t *testing.T) {
	each(t, func(h *house) {
		h.join("kari@kx.example", "Kari", date(1980, 5, 1))
		h.begin("kari@\u212Ax.example") // the Kelvin sign folds into k
		if to := h.letter().To; to != "kari@kx.example" {
			h.t.Errorf("sent to %q", to)
		}
		_, err := h.Begin(ctx, "\u212Aari@kx.example", remote, "da")
		h.refused(err, fault.Invalid, "signin.error.email")
	})
}

// An address nobody has is answered as one somebody has: same answers, same rows.
func TestUnknownAddressLooksTheSame(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		type answers struct {
			request int
			errors  []fault.Error
			rows    []int
		}
		ask := func(email string) (a answers) {
			request := h.begin(email)
			a.request = len(request)
			h.must(h.db.Read(ctx, func(q database.Querier) error {
				var sealed, code, letter int
				if err := q.QueryRow(`SELECT LENGTH(sealed), LENGTH(code) FROM signin_code WHERE attempts = 0`).Scan(&sealed, &code); err != nil {
					return err
				}
				err := q.QueryRow(`SELECT LENGTH(sealed) FROM mail WHERE sent_at IS NULL AND person IS NULL`).Scan(&letter)
				a.rows = []int{sealed, code, letter}
				return err
			}))
			code := ""
			if email == "kari@x.example" {
				code = h.code()
			} else {
				h.mail.Start()
				defer h.mail.Stop(ctx)
			}
			for range attempts + 1 {
				_, err := h.Finish(ctx, request, other(code), remote)
				a.errors = append(a.errors, *fault.From(err))
			}
			return a
		}
		known, unknown := ask("kari@x.example"), ask("ingen@x.example")
		if known.request != unknown.request || !slices.Equal(known.rows, unknown.rows) || len(known.errors) != len(unknown.errors) {
			h.t.Fatalf("%+v\n%+v", known, unknown)
		}
		for i, k := range known.errors {
			u := unknown.errors[i]
			if k.Code != u.Code || k.Key != u.Key || len(k.Fields) != len(u.Fields) || k.Args["count"] != u.Args["count"] {
				h.t.Errorf("answer %d: %v and %v", i, &k, &u)
			}
		}
		// Both are journaled; only a person's address has a person.
		lines := h.entries(journal.Denied)
		if len(lines) != 2*attempts || lines[0].Count != 0 || lines[len(lines)-1].Count != 1 || h.about(kari) != attempts {
			h.t.Errorf("%d entries, %d about Kari", len(lines), h.about(kari))
		}
	})
}

// Roughly the same time. The lower quartiles of known and unknown addresses, asked
// in turns, are compared; a busy machine gets three tries.
func TestUnknownAddressTakesTheSameTime(t *testing.T) {
	each(t, func(h *house) {
		const rounds = 50
		for try := range 3 {
			var took [2][]time.Duration // known, unknown
			for i := range rounds {
				known, unknown := fmt.Sprintf("kari%d-%d@x.example", try, i), fmt.Sprintf("anna%d-%d@x.example", try, i)
				h.join(known, "Kari", date(1980, 5, 1))
				for _, which := range []int{i % 2, 1 - i%2} {
					began := time.Now()
					h.begin([]string{known, unknown}[which])
					took[which] = append(took[which], time.Since(began))
				}
				h.clock.add(time.Minute)
			}
			slices.Sort(took[0])
			slices.Sort(took[1])
			known, unknown := took[0][rounds/4], took[1][rounds/4]
			h.t.Logf("known %v, unknown %v", known, unknown)
			if known < unknown*5/4 && unknown < known*5/4 {
				return
			}
		}
		h.t.Error("the time tells the two apart")
	})
}

func TestFiveAttemptsSurviveARestart(t *testing.T) {
	each(t, func(h *house) {
		h.join("kari@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("kari@x.example")
		code := h.code()
		_, err := h.Finish(ctx, request, "12 34", remote)
		h.refused(err, fault.Invalid, "signin.error.digits") // costs nothing
		for left := attempts - 1; left > 0; left-- {
			h.restart()
			_, err := h.Finish(ctx, request, other(code), remote)
			h.refused(err, fault.Invalid, "signin.error.code")
			if got := fault.From(err).Args["count"]; got != left {
				h.t.Fatalf("told %v left, want %d", got, left)
			}
		}
		_, err = h.Finish(ctx, request, other(code), remote)
		h.refused(err, fault.Gone, "signin.error.used_up")
		_, err = h.Finish(ctx, request, code, remote)
		h.refused(err, fault.Gone, "signin.error.over")
		if h.count("signin_code") != 0 {
			h.t.Error("a used up code is still there")
		}
	})
}

func TestCodeLivesFifteenMinutes(t *testing.T) {
	each(t, func(h *house) {
		h.join("kari@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("kari@x.example")
		code := h.code()
		h.clock.add(codeLife)
		_, err := h.Finish(ctx, request, code, remote)
		h.refused(err, fault.Gone, "signin.error.over")
		h.must(h.Tidy(ctx))
		h.end()
		if h.count("signin_code") != 0 || h.count("signin_limit") == 0 {
			h.t.Error("the sweep took too little or too much")
		}
		h.clock.add(24 * time.Hour)
		h.must(h.Tidy(ctx))
		h.end()
		if h.count("signin_limit") != 0 {
			h.t.Error("a limit is kept for ever")
		}
	})
}

func TestAnAddressIsAskedOnlySoOften(t *testing.T) {
	each(t, func(h *house) {
		h.join("kari@x.example", "Kari", date(1980, 5, 1))
		for _, email := range []string{"kari@x.example", "ingen@x.example"} {
			var request string
			for range codesPerAddress.most {
				request = h.begin(email)
			}
			h.restart()
			h.clock.add(20 * time.Minute)
			before := h.count("mail")
			_, err := h.Begin(ctx, email, "2001:db8::1", "da")
			h.refused(err, fault.TooMany, "signin.error.many_codes")
			if got := fault.From(err).Args["count"]; got != 40 {
				h.t.Errorf("told to wait %v minutes", got)
			}
			if h.count("mail") != before || request == "" {
				h.t.Error("a mail all the same")
			}
			h.clock.add(40 * time.Minute)
			h.begin(email)
		}
	})
}

// Guessing at one address ends for the day; whoever has the mail still comes in.
func TestGuessingEndsForTheDay(t *testing.T) {
	each(t, func(h *house) {
		h.join("kari@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("kari@x.example")
		code := h.code()
		for guesses := 0; guesses < wrongPerAddress.most; {
			guessed := h.begin("kari@x.example")
			for range attempts {
				if guesses++; guesses > wrongPerAddress.most {
					break
				}
				_, err := h.Finish(ctx, guessed, "000000", fmt.Sprintf("192.0.2.%d", guesses))
				if err == nil {
					return // one in 200,000
				}
			}
			h.forget(codesPerAddress, "kari@x.example") // as if an hour had passed
		}
		h.restart()
		_, err := h.Begin(ctx, "kari@x.example", remote, "da")
		h.refused(err, fault.TooMany, "signin.error.many_wrong")
		_, err = h.Finish(ctx, request, other(code), remote)
		h.refused(err, fault.TooMany, "signin.error.many_wrong")
	})
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("kari@x.example")
		code := h.code()
		for range wrongPerAddress.most {
			h.must(h.db.Write(ctx, func(tx *database.Tx) error {
				return take(tx, h.address(wrongPerAddress, "kari@x.example"), wrongPerAddress)
			}))
		}
		result, err := h.Finish(ctx, request, code, remote)
		h.must(err)
		if result.Person != kari {
			h.t.Error("the right code was refused")
		}
	})
}

// address is what a limit counts an address under.
func (h *house) address(l limit, email string) []byte {
	return h.limited(l, h.keys.MAC("signin.address", []byte(email)))
}

func (h *house) forget(l limit, email string) {
	h.t.Helper()
	h.must(h.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM signin_limit WHERE subject = $1`, h.address(l, email))
		return err
	}))
}

func TestANetworkIsSlowedDown(t *testing.T) {
	each(t, func(h *house) {
		request := h.begin("ingen@x.example")
		for range wrongPerNetwork.most {
			h.wrong.take(remote)
		}
		_, err := h.Finish(ctx, request, "123456", remote)
		h.refused(err, fault.TooMany, "signin.error.busy")
		_, err = h.Finish(ctx, request, "123456", "198.51.100.1")
		h.refused(err, fault.Invalid, "signin.error.code")
		for range codesPerNetwork.most {
			h.codes.take(remote)
		}
		_, err = h.Begin(ctx, "kari@x.example", remote, "da")
		h.refused(err, fault.TooMany, "signin.error.busy")
		h.clock.add(codesPerNetwork.window)
		h.begin("kari@x.example")
	})
}

// Erased between the mail and the code: as if the address were nobody's (D7).
func TestD7ErasedMeanwhile(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("kari@x.example")
		code := h.code()
		_, err := h.keys.Erase(ctx, h.clock.Now(), []vault.PersonID{kari}, vault.Membership)
		h.must(err)
		_, err = h.Finish(ctx, request, code, remote)
		h.refused(err, fault.Invalid, "signin.error.code")
	})
}

// A copy of the register shows neither who signs in nor how: no address, code,
// request or session token, and the rows do not open without the browser's secret.
func TestRegisterOpensNothing(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari-q8w3@x.example", "Kari", date(1980, 5, 1))
		request := h.begin("kari-q8w3@x.example")
		code := h.code()
		token := newTicket()
		b, err := Codec{}.Encode(h.clock.Now().Add(time.Hour), map[string]any{valueKey: Session{Person: kari, Half: "half-q8w3", Lang: "lang-q8w3"}})
		h.must(err)
		h.must(h.Sessions().CommitCtx(ctx, token, b, h.clock.Now().Add(time.Hour)))
		var rows [][]byte
		h.must(h.db.Read(ctx, func(q database.Querier) error {
			found, err := q.Query(`SELECT id, sealed, code FROM signin_code UNION ALL SELECT token, data, owner FROM session`)
			if err != nil {
				return err
			}
			defer found.Close()
			for found.Next() {
				var a, b, c []byte
				if err := found.Scan(&a, &b, &c); err != nil {
					return err
				}
				rows = append(rows, a, b, c)
			}
			return found.Err()
		}))
		if h.db.Engine() == database.SQLite {
			for _, name := range []string{"", "-wal"} {
				content, err := os.ReadFile(filepath.Clean(h.db.Path() + name))
				h.must(err)
				rows = append(rows, content)
			}
		}
		for _, row := range rows {
			for _, secret := range []string{"q8w3", request, token} {
				if bytes.Contains(row, []byte(secret)) {
					h.t.Errorf("%q stands in clear", secret)
				}
			}
		}
		if d := h.drawer(forCode, newTicket()); code != "" {
			if _, err := d.open(rows[1]); err == nil {
				h.t.Error("another ticket opens the row")
			}
		}
	})
}
