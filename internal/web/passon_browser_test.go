package web_test

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/hook"
	"kartotek/internal/passing"
	"kartotek/internal/web/browsertest"
)

// world is a recipient of a webhook as its specification asks it to be.
type world struct {
	key     hook.Key
	mu      sync.Mutex
	entries map[string]map[string]string
	wrong   int
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	id := r.Header.Get("webhook-id")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.key.Verify(id, r.Header.Get("webhook-timestamp"), r.Header.Get("webhook-signature"), body, time.Now()) != nil {
		w.wrong++
		out.WriteHeader(http.StatusUnauthorized)
		return
	}
	var m passing.Message
	_ = json.Unmarshal(body, &m)
	for _, l := range m.Data.Lines {
		switch l.Event {
		case passing.Leave:
			delete(w.entries, l.Reference)
		default:
			w.entries[l.Reference] = l.Fields
		}
	}
	_ = json.NewEncoder(out).Encode(map[string]string{"acknowledged": id, "receipt": "W-1"})
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.entries)
}

// N12, L5, L3 on a phone: the register manager looks and runs, a signed webhook brings
// it, the member sees what was passed on and is told beforehand what a no means; a yes
// taken back there is followed at the recipient.
func TestN12PassedOnAndTakenBackOnAPhone(t *testing.T) {
	t.Parallel()
	there := &world{entries: map[string]map[string]string{}}
	there.key, _ = hook.ParseKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	server := httptest.NewTLSServer(there)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true, settle: func(c *app.Config) {
		c.Hook, c.Webhooks = hook.Options{Private: true, Roots: roots}, map[string]hook.Target{"international": {URL: server.URL + "/in", Key: there.key}}
	}})
	work := func() {
		t.Helper()
		if err := j.house.Passing.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	work() // what the demo has made
	asks := "section:has(#consent-international)"

	// Whoever is asked is told beforehand what a no means, and says yes.
	president := j.as(t, j.login(t, "president", 0).Person)
	president.Visit("/me/consents")
	president.Says(asks, "Sier du nei: Du blir ikke sendt videre")
	president.Says(asks, "USA")
	president.GoIn(asks, j.T("consent.give"))
	president.Visit("/me/passed")
	president.Says("main", "Ingenting er sendt videre om deg")

	before := there.count()
	manager := j.as(t, j.login(t, "register-manager", 0).Person)
	manager.Visit("/passing")
	manager.Says("h1", "Den internasjonale organisasjonen")
	manager.Go("Se neste kjøring")
	manager.Says("main", "1 ")
	manager.Go("Ikke samtykke")
	manager.Says(".because", "Visningen er notert i loggen")
	manager.Visit("/passing/international/next")
	manager.Go("Kjør 1 linjer")
	manager.Says("[role=status]", "Kjøringen er laget")
	work()
	if got := there.count(); got != before+1 || there.wrong != 0 {
		t.Fatalf("N12: there are %d entries after %d, %d signatures did not vouch", got, before, there.wrong)
	}
	manager.Visit("/passing")
	manager.Says("main", "W-1")
	president.Visit("/me/passed")
	president.Says("main", "Mottakeren har opplysningene")

	// One press takes it back, and the leaving follows until it is confirmed.
	president.Go("Se samtykket ditt")
	president.GoIn(asks, j.T("consent.withdraw"))
	work()
	if got := there.count(); got != before {
		t.Errorf("L5: %d entries after it was taken back, %d before", got, before)
	}
	president.Visit("/me/passed")
	president.Says("main", "Slettet hos mottakeren")
	manager.Visit("/passing")
	manager.Says("main", "1 ")
}
