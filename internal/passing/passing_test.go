package passing_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/hook"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/passing"
	"kartotek/internal/vault"
)

const world = `
[passing.share-percent]
value = 50
source = { da = "k", en = "s" }
[passing.share-minimum]
value = 3
source = { da = "k", en = "s" }

[[recipients]]
code = "world"
name = { da = "Verdensforbundet", en = "The world federation" }
country = "US"
hint = { da = "h", en = "h" }
basis = "6(1)(a)"
basis-9 = "9(2)(a)"
basis-text = { da = "dit samtykke", en = "your consent" }
consent = "international"
transfer = "46(2)(c)"
transfer-text = { da = "standardkontrakten", en = "the clauses" }
fields = ["number", "given", "family", "birth", "address", "postal", "town", "email", "unit"]
refusal = "leave-out"
runs = ["member-service"]
source = { da = "k", en = "s" }

`

func withWorld(source string) string {
	return strings.Replace(source, "[[purposes]]", world+"[[purposes]]", 1)
}

// yes is who has consented, as the room consent would say.
type yes struct {
	mu     sync.Mutex
	set    *roaring.Bitmap
	ending sync.RWMutex // as the room consent has it
}

func (y *yes) Hold() func() {
	y.ending.RLock()
	return y.ending.RUnlock
}

func (y *yes) Among(context.Context, access.Scope, string) (*roaring.Bitmap, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.set.Clone(), nil
}

func (y *yes) say(agrees bool, persons ...vault.PersonID) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, person := range persons {
		if y.set.Remove(uint32(person)); agrees {
			y.set.Add(uint32(person))
		}
	}
}

// receiver is a small recipient, as the specification of its webhook asks it to be: it
// checks the signature, takes an id once, and keeps entries by reference.
type receiver struct {
	key     hook.Key
	mu      sync.Mutex
	entries map[string]map[string]string
	held    map[string]bool
	seen    map[string]bool
	took    []passing.Message
	mute    bool // takes, and acknowledges nothing
	down    int  // so many answers are errors
	gone    bool // the address is no more
	lose    int  // so many are processed, and their answer is lost
	bad     int  // signatures that did not vouch
	now     func() time.Time
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	id := q.Header.Get("webhook-id")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key.Verify(id, q.Header.Get("webhook-timestamp"), q.Header.Get("webhook-signature"), body, r.now()) != nil {
		r.bad++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.down > 0 {
		r.down--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.gone {
		w.WriteHeader(http.StatusGone)
		return
	}
	var m passing.Message
	_ = json.Unmarshal(body, &m)
	if m.Type == passing.TypeCompare {
		_ = json.NewEncoder(w).Encode(map[string]any{"count": len(r.entries), "lines": r.compared()})
		return
	}
	if !r.seen[id] {
		r.seen[id] = true
		r.took = append(r.took, m)
		for _, l := range m.Data.Lines {
			switch l.Event {
			case passing.Leave:
				delete(r.entries, l.Reference)
			case passing.Restrict:
				r.held[l.Reference] = true
			case passing.Withhold:
				for _, code := range l.Withhold {
					delete(r.entries[l.Reference], code)
				}
			default:
				r.entries[l.Reference], r.held[l.Reference] = l.Fields, false
			}
		}
	}
	if r.lose > 0 {
		r.lose--
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if !r.mute {
		_ = json.NewEncoder(w).Encode(map[string]string{"acknowledged": id, "receipt": "r-1"})
	}
}

func (r *receiver) compared() (all []passing.Compared) {
	for reference, fields := range r.entries {
		all = append(all, passing.Compared{Reference: reference, Digest: passing.EntryDigest(fields)})
	}
	return all
}

// of is the entry with a given name; nil for none.
func (r *receiver) of(given string) map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, fields := range r.entries {
		if fields["given"] == given {
			return fields
		}
	}
	return nil
}

type house struct {
	*housetest.Fixture
	t     *testing.T
	yes   *yes
	there *receiver
}

// each runs a test on a house with a recipient; hooked, it is reached by a real HTTPS
// server.
func each(t *testing.T, hooked bool, body func(h *house), edit ...func(string) string) {
	there := &receiver{entries: map[string]map[string]string{}, held: map[string]bool{}, seen: map[string]bool{}}
	there.key, _ = hook.ParseKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	server := httptest.NewTLSServer(there)
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	option := func(c *app.Config) {
		if hooked {
			c.Hook, c.Webhooks = hook.Options{Private: true, Roots: roots}, map[string]hook.Target{"world": {URL: server.URL + "/in", Key: there.key}}
		}
	}
	change := func(source string) string {
		source = withWorld(source)
		for _, more := range edit {
			source = more(source)
		}
		return source
	}
	housetest.EachUnder(t, change, func(t *testing.T, f *housetest.Fixture) {
		there.mu.Lock()
		there.entries, there.held, there.seen, there.took = map[string]map[string]string{}, map[string]bool{}, map[string]bool{}, nil
		there.now = f.Now
		there.mu.Unlock()
		h := &house{Fixture: f, t: t, yes: &yes{set: roaring.New()}, there: there}
		f.Passing.Consents = h.yes
		body(h)
	}, option)
}

func (h *house) run() passing.Run {
	h.t.Helper()
	p, err := h.Passing.Preview(h.Context(), h.As("anna"), "world")
	h.Must(err)
	v, err := h.Passing.Run(h.Context(), h.As("anna"), "world", p.Counts.Lines())
	h.Must(err)
	return v
}

func (h *house) work() {
	h.t.Helper()
	h.Must(h.Passing.Work(h.Context()))
}

func (h *house) show() passing.Shown {
	h.t.Helper()
	v, err := h.Passing.Show(h.Context(), h.As("anna"), "world", 1)
	h.Must(err)
	return v
}

func (h *house) mine(who string) passing.Own {
	h.t.Helper()
	all, err := h.Passing.Mine(h.Context(), h.Scope(who, access.Want{Self: true}), "da")
	h.Must(err)
	return all[0]
}

func (h *house) entry(act journal.Act) journal.Line {
	h.t.Helper()
	_, err := h.Journal.Checkpoint(h.Context())
	h.Must(err)
	got, err := h.Journal.Recent(h.Context(), journal.Filter{Act: act}, journal.Page{})
	h.Must(err)
	if len(got.Lines) == 0 {
		h.t.Fatalf("no entry of %s", act)
	}
	return got.Lines[0]
}

// N12, N9, L5, L3: by consent only, declared fields only, what has changed since, and who
// withdraws, is restricted, gets a secret address or is erased is told of by reference,
// until the recipient confirms.
func TestN12PassedOnByConsentAndTakenBack(t *testing.T) {
	each(t, true, func(h *house) {
		ctx, t := h.Context(), h.t
		if _, err := h.Passing.Preview(ctx, h.As("chair"), "world"); !fault.Is(err, fault.Denied) {
			t.Fatalf("an officer runs it: %v", err)
		}
		h.yes.say(true, h.Person("member"), h.Person("neighbour"), h.Person("secret"), h.Person("odense member"))
		p, err := h.Passing.Preview(ctx, h.As("anna"), "world")
		h.Must(err)
		if p.Kind != passing.First || p.Counts.Joins != 4 || p.Counts.NoConsent == 0 || p.Counts.Covered != 1 {
			t.Fatalf("the preview: %+v", p)
		}
		if _, err := h.Passing.Run(ctx, h.As("anna"), "world", 3); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a first run nobody looked at: %v", err)
		}
		h.run()
		h.work()
		if len(h.there.entries) != 4 || h.there.bad != 0 {
			t.Fatalf("there: %d entries, %d bad signatures", len(h.there.entries), h.there.bad)
		}
		member, secret := h.there.of("Søren Åge"), h.there.of("Karla")
		if member["address"] == "" || member["phone"] != "" || member["unit"] != "gentofte" || member["birth"] != "1961-09-23" {
			t.Errorf("N9: the entry is %v", member)
		}
		if secret["address"] != "" || secret["postal"] != "" || secret["email"] == "" {
			t.Errorf("a secret address left: %v", secret)
		}
		e := h.entry(journal.PassOut)
		if e.Count != 4 || e.Purpose != "passing-world" || !slices.Contains(e.Fields, "birth") || slices.Contains(e.Fields, "phone") {
			t.Errorf("the disclosure on record: %+v", e)
		}
		own := h.mine("member")
		if own.State != passing.Standing || own.Pending || own.Answered.IsZero() || own.Country != "US" || !slices.Contains(own.Has, "address") {
			t.Errorf("the member sees %+v", own)
		}

		// What changes goes, and nothing else.
		h.Must(second(h.Members.UpdateOwn(ctx, h.Scope("neighbour", access.Want{Self: true}), newStreet, nil)))
		h.yes.say(true, h.Person("lyngby member"))
		if v := h.run(); v.Counts.Joins != 1 || v.Counts.Changes != 1 || v.Counts.Unchanged != 3 {
			t.Errorf("the delta: %+v", v.Counts)
		}
		h.work()
		if got := h.there.of("Inger"); got["address"] != "Nyvej 1" {
			t.Errorf("after the change: %v", got)
		}
		if v := h.run(); v.Counts.Lines() != 0 {
			t.Errorf("nothing had changed: %+v", v.Counts)
		}

		// Withdrawn, restricted, secret: told at the next look, by reference.
		h.yes.say(false, h.Person("odense member"))
		h.Must(h.Members.Restrict(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), h.Person("neighbour"), true))
		h.Must(h.Members.SetObjection(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), h.Person("member"), "newsletter", true)) // is none of its business
		h.Must(protect(h, "member"))
		h.work()
		if h.there.of("Frode") != nil || h.there.of("Søren Åge")["address"] != "" || h.there.of("Søren Åge")["given"] == "" {
			t.Errorf("after it was taken back: %v", h.there.entries)
		}
		held := 0
		for _, on := range h.there.held {
			if on {
				held++
			}
		}
		last := h.there.took[len(h.there.took)-1]
		if held != 1 || last.Type != passing.TypeRemoved || len(last.Data.Lines) != 3 {
			t.Errorf("%d held; told %+v", held, last)
		}
		if text, _ := json.Marshal(last); strings.Contains(string(text), "Frode") || strings.Contains(string(text), "1000") {
			t.Errorf("L3: it names: %s", text)
		}
		if h.mine("odense member").State != passing.Removed || h.mine("neighbour").State != passing.Restricted || slices.Contains(h.mine("member").Has, "address") {
			t.Errorf("they see %+v, %+v, %+v", h.mine("odense member"), h.mine("neighbour"), h.mine("member"))
		}
		h.Must(h.Members.Restrict(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), h.Person("neighbour"), false))
		if v := h.run(); v.Counts.Changes != 1 {
			t.Errorf("after the restriction: %+v", v.Counts)
		}
		h.work()

		// Erased: the recipient is down, and is told until it confirms; the certificate says so.
		h.there.mu.Lock()
		h.there.down = 1
		h.there.mu.Unlock()
		_, err = h.Departures.Close(ctx, h.As("anna"), h.Person("lyngby member"), "resignation", true)
		h.Must(err)
		_, err = h.Departures.Confirm(ctx, h.As("bo"), h.Person("lyngby member"))
		h.Must(err)
		h.work()
		told, err := h.Passing.Told(ctx, h.Person("lyngby member"))
		h.Must(err)
		if len(told) != 1 || told[0].Recipient != "Verdensforbundet" || told[0].ToldAt.IsZero() || !told[0].DoneAt.IsZero() || len(h.there.entries) != 4-1+1 {
			t.Errorf("while it is down: %+v, %d entries", told, len(h.there.entries))
		}
		if open := h.show().Open; open != 1 {
			t.Errorf("%d references open", open)
		}
		for _, b := range h.show().Batches {
			if b.State == passing.Ready {
				h.Must(h.Passing.Again(ctx, h.As("anna"), b.ID))
			}
		}
		h.work()
		if told, err = h.Passing.Told(ctx, h.Person("lyngby member")); err != nil || told[0].DoneAt.IsZero() || h.there.of("Yrsa") != nil {
			t.Errorf("after it confirmed: %+v %v", told, err)
		}

		// Both sides compare: somebody there is missing, one differs, one should not be there.
		h.there.mu.Lock()
		for reference, fields := range h.there.entries {
			if fields["given"] == "Inger" {
				delete(h.there.entries, reference)
			}
			if fields["given"] == "Karla" {
				fields["email"] = "other@example.com"
			}
		}
		h.there.entries["aaaaaaaaaaaaaaaa"] = map[string]string{"given": "Nobody"}
		h.there.mu.Unlock()
		c, err := h.Passing.Reconcile(ctx, h.As("anna"), "world")
		h.Must(err)
		if c.Same || c.Missing != 1 || c.Different != 1 || c.Unknown != 1 {
			t.Errorf("the comparison: %+v", c)
		}
		h.run()
		h.work()
		if c, err = h.Passing.Reconcile(ctx, h.As("anna"), "world"); err != nil || !c.Same || c.Ours != 3 {
			t.Errorf("after it was mended: %+v %v", c, err)
		}

		// It ends: everybody is deleted there.
		_, err = h.Passing.Stop(ctx, h.As("anna"), "world")
		h.Must(err)
		h.work()
		if len(h.there.entries) != 0 {
			t.Errorf("after the end: %v", h.there.entries)
		}
	})
}

// A kill between sending and noting has no double effect, a lost answer neither, and
// what nobody acknowledged is somebody's duty (N12).
func TestN12SentOnceWhateverStops(t *testing.T) {
	each(t, true, func(h *house) {
		ctx, t := h.Context(), h.t
		h.yes.say(true, h.Person("member"), h.Person("neighbour"))
		h.run()
		stop := context.Canceled
		func() {
			defer func() { _ = recover() }()
			h.Passing.At(func(step string) {
				if (step == "noted" || step == "sent") && h.yes.ending.TryLock() {
					t.Errorf("L5: somebody could withdraw while it was %s", step)
					h.yes.ending.Unlock()
				}
				if step == "sent" {
					panic(stop)
				}
			})
			_ = h.Passing.Work(ctx)
		}()
		h.Reopen()
		h.Passing.Consents = h.yes
		if len(h.there.entries) != 2 || h.show().Batches[0].State != passing.Ready {
			t.Fatalf("there %d, here %+v", len(h.there.entries), h.show().Batches)
		}
		// Meanwhile one changes: which version the recipient kept, nobody knows.
		h.Must(second(h.Members.UpdateOwn(ctx, h.Scope("neighbour", access.Want{Self: true}), newStreet, nil)))
		h.Must(h.Passing.Again(ctx, h.As("anna"), h.show().Batches[0].ID))
		h.work()
		if len(h.there.took) != 1 || h.there.of("Inger")["address"] == "Nyvej 1" {
			t.Errorf("taken twice: %+v", h.there.took)
		}
		if v := h.run(); v.Counts.Changes != 1 || v.Counts.Joins != 0 {
			t.Errorf("the doubtful one goes again: %+v", v.Counts)
		}
		h.there.mu.Lock()
		h.there.lose = 1
		h.there.mu.Unlock()
		h.work()
		b := h.show().Batches[0]
		if b.State != passing.Ready || b.Problem != "status" || !b.NextAt.After(h.Now()) {
			t.Errorf("after a lost answer: %+v", b)
		}
		h.Must(h.Passing.Again(ctx, h.As("anna"), b.ID))
		h.work()
		if h.there.of("Inger")["address"] != "Nyvej 1" || h.show().Recipient.Unsettled != 0 || len(h.there.took) != 2 {
			t.Errorf("in the end: %v %+v", h.there.entries, h.show().Recipient)
		}
		// Taken without a word: somebody enters the receipt.
		h.there.mu.Lock()
		h.there.mute = true
		h.there.mu.Unlock()
		h.yes.say(true, h.Person("odense member"))
		h.run()
		h.work()
		b = h.show().Batches[0]
		open, err := h.Duties.OpenOf(ctx, duty.PassingAnswer)
		h.Must(err)
		if b.State != passing.Sent || len(open) != 1 || open[0].Subject != b.ID {
			t.Errorf("it waits: %+v, duties %+v", b, open)
		}
		if err := h.Passing.Acknowledge(ctx, h.As("anna"), b.ID, "Frode Fynbo"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a receipt with words: %v", err)
		}
		h.Must(h.Passing.Acknowledge(ctx, h.As("anna"), b.ID, "KI-2026/17"))
		if open, _ = h.Duties.OpenOf(ctx, duty.PassingAnswer); len(open) != 0 || h.mine("odense member").Pending {
			t.Errorf("acknowledged: %+v", open)
		}
		h.there.mu.Lock()
		h.there.mute, h.there.gone = false, true
		h.there.mu.Unlock()

		// Its address is no more: everything new is paused, and somebody has to find out;
		// what is to be deleted waits for its day all the same.
		h.yes.say(true, h.Person("secret"))
		h.run()
		h.work()
		c := h.show().Recipient
		if open, _ = h.Duties.OpenOf(ctx, duty.PassingGone); c.State != passing.Paused || !c.Gone || len(open) != 1 || open[0].Subject != c.ID {
			t.Errorf("gone: %+v, duties %+v", c, open)
		}
		h.yes.say(false, h.Person("member"))
		h.work()
		if got := h.mine("member"); got.State != passing.Removing || h.show().Open != 1 {
			t.Errorf("L3: the leaving of %+v is forgotten", got)
		}
		h.there.mu.Lock()
		h.there.gone = false
		h.there.mu.Unlock()
		h.Must(h.Passing.Resume(ctx, h.As("anna"), "world"))
		h.work()
		if open, _ = h.Duties.OpenOf(ctx, duty.PassingGone); len(open) != 0 || h.show().Recipient.Gone || h.show().Open != 0 || h.there.of("Søren Åge") != nil || h.there.of("Karla") == nil {
			t.Errorf("resumed: %+v, duties %+v, there %v", h.show().Recipient, open, h.there.entries)
		}
	})
}

// Files: a list with its number and its duty to destroy, references apart; the brake
// asks a second person; whoever refuses goes with number and body where the charter
// says so (N12, D12).
func TestN12FilesBrakeAndNumbersOnly(t *testing.T) {
	each(t, false, func(h *house) {
		ctx, t := h.Context(), h.t
		h.yes.say(true, h.Person("member"))
		v := h.run()
		if v.Counts.Numbers == 0 || v.Counts.Joins < 2 {
			t.Fatalf("the run: %+v", v.Counts)
		}
		shown := h.show()
		if len(shown.Batches) != 2 {
			t.Fatalf("%d batches", len(shown.Batches))
		}
		for _, b := range shown.Batches {
			if err := h.Passing.Acknowledge(ctx, h.As("anna"), b.ID, "early"); !fault.Is(err, fault.Conflict) {
				t.Errorf("acknowledged before it left: %v", err)
			}
			d, err := h.Passing.Export(ctx, h.As("anna"), b.ID, "en")
			h.Must(err)
			var file bytes.Buffer
			h.Must(d.Write(ctx, &file))
			r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file.Bytes(), []byte("\uFEFF"))))
			r.FieldsPerRecord = -1
			rows, err := r.ReadAll()
			h.Must(err)
			if d.Number() == 0 || len(rows) != b.Lines+1 {
				t.Errorf("list %d, %d rows of %d: %v", d.Number(), len(rows), b.Lines, rows[0])
			}
			named := strings.Contains(file.String(), "Østergård")
			if named == b.Numbers || b.Numbers && strings.Contains(file.String(), "@") || !b.Numbers && !strings.Contains(file.String(), "1961-09-23") {
				t.Errorf("N9: a file (numbers only: %v) says %s", b.Numbers, file.String())
			}
			h.Must(h.Passing.Acknowledge(ctx, h.As("anna"), b.ID, "ok-1"))
		}
		mine, err := h.Extracts.Mine(ctx, h.As("anna"))
		h.Must(err)
		if len(mine) != 2 || mine[0].Purpose[:8] != "passing-" {
			t.Errorf("D12: lists in hand: %+v", mine)
		}
		if n, err := h.Passing.CompareFile(ctx, h.As("anna"), "world", io.Discard); err != nil || n != v.Counts.Joins {
			t.Errorf("to compare: %d %v", n, err)
		}

		// A consent withdrawn leaves number and body; the rest is withheld, by reference.
		h.yes.say(false, h.Person("member"))
		h.Passing.Stir()
		h.work()
		b := h.show().Batches[0]
		d, err := h.Passing.Export(ctx, h.As("anna"), b.ID, "en")
		h.Must(err)
		var file bytes.Buffer
		h.Must(d.Write(ctx, &file))
		if !b.Removal || d.Number() != 0 || !strings.Contains(file.String(), "withhold") || !strings.Contains(file.String(), "address") || strings.Contains(file.String(), "Søren") {
			t.Errorf("the references: %+v %s", b, file.String())
		}
		h.Must(h.Passing.Acknowledge(ctx, h.As("anna"), b.ID, "ok-2"))
		if own := h.mine("member"); !slices.Equal(own.Has, []string{"number", "unit"}) || !own.Numbers {
			t.Errorf("the member sees %+v", own)
		}

		// More than the share at once: a second person.
		for _, who := range []string{"neighbour", "secret", "odense member", "lyngby member", "abroad member", "chair", "officer", "treasurer", "other chair"} {
			h.Must(h.Members.Restrict(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), h.Person(who), true))
		}
		h.work()
		braked := h.show().Runs[0]
		if braked.State != passing.Braked || braked.Counts.Restricts != 9 || h.show().Open != 0 {
			t.Fatalf("the brake: %+v, %d open", braked, h.show().Open)
		}
		if _, err := h.Passing.Release(ctx, h.As("chair"), braked.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("released by anybody: %v", err)
		}
		// Refused: it is not asked again the same day by itself, and brakes at the next run.
		_, err = h.Passing.Refuse(ctx, h.As("bo"), braked.ID)
		h.Must(err)
		h.Passing.Stir()
		h.work()
		if again := h.show().Runs[0]; again.ID != braked.ID || again.State != passing.Refused || h.show().Open != 0 {
			t.Errorf("after it was refused: %+v", again)
		}
		if open, err := h.Duties.OpenOf(ctx, duty.PassOnward); err != nil || len(open) != 1 {
			t.Errorf("nobody has to go on: %+v %v", open, err)
		}
		if v := h.run(); v.State != passing.Braked || h.show().Open != 0 {
			t.Errorf("a refused brake let the next run go: %+v", v)
		}
		_, err = h.Passing.Refuse(ctx, h.As("bo"), h.show().Braked.ID)
		h.Must(err)
		h.Clock.Add(24 * time.Hour)
		h.Passing.Stir()
		h.work()
		if braked = *h.show().Braked; braked.Kind != passing.Removals {
			t.Fatalf("the day after: %+v", braked)
		}
		v, err = h.Passing.Release(ctx, h.As("bo"), braked.ID)
		h.Must(err)
		if v.State != passing.Out || h.show().Open != 9 {
			t.Errorf("let go: %+v, %d open", v, h.show().Open)
		}
		total, named, err := h.Passing.Who(ctx, h.As("anna"), "world", passing.IsStopped, 1, 5)
		h.Must(err)
		if total != 9 || len(named) != 5 || named[0].Name == "" {
			t.Errorf("who is left out: %d %+v", total, named)
		}
		h.Must(h.Passing.Pause(ctx, h.As("anna"), "world"))
		if _, err := h.Passing.Run(ctx, h.As("anna"), "world", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("a run while paused: %v", err)
		}
		h.Must(h.Passing.Resume(ctx, h.As("bo"), "world"))
		if h.show().Recipient.State != passing.Running || h.show().Recipient.By != h.Person("bo") {
			t.Errorf("resumed: %+v", h.show().Recipient)
		}
	}, numbersOnly)
}

func numbersOnly(source string) string {
	source = strings.Replace(source, `refusal = "leave-out"`, `refusal = "number-only"
refusal-basis = "6(1)(f)"
refusal-text = { da = "kontingentet", en = "the dues" }`, 1)
	return strings.Replace(source, "basis-9 = \"9(2)(a)\"\nbasis-text = { da = \"dit samtykke\"", "basis-9 = \"9(2)(d)\"\nbasis-text = { da = \"dit samtykke\"", 1)
}

var newStreet = member.Changes{Values: map[string]string{"address": "Nyvej 1"}}

func second(_ []string, err error) error { return err }

// protect makes somebody's address secret, by themselves.
func protect(h *house, who string) error {
	return h.Members.Protect(h.Context(), h.Scope(who, access.Want{Self: true}), h.Person(who), member.Secrecy{Secret: true})
}
