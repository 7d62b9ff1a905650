package web_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
)

// The page of the master key is that of whoever gives positions: it tells how the
// key stands, leads from the duty, and takes the declaration of another way to keep
// it. The key itself never comes near a browser.
func TestTheMasterKeysPage(t *testing.T) {
	f := housetest.New(t) // a demo, which has no such duty by itself
	key := bytes.TrimSpace(fileOf(t, f.MasterFile()))
	_, _, err := f.RotateMaster(f.Context(), vault.Unlock{}, false, "root")
	f.Must(err)
	f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
		_, err := f.Duties.Add(tx, duty.Duty{Kind: duty.KeyShares, Subject: 1, Act: charter.Staff.String(), DueOn: f.Access.Today().AddDays(14)})
		return err
	}))
	as(t, f, "anna").get("/access/master-key").want(http.StatusForbidden)
	f.Employ("ida", "it", member.Draft{Values: map[string]string{"given": "Ida", "family": "Itsgaard", "email": "ida@parti.example"}})
	b := as(t, f, "ida")
	if b.get("/").first(`.duty a[href="/access/master-key"]`) == nil {
		t.Error("the duty does not lead to the page")
	}
	page := b.get("/access/master-key").want(http.StatusOK)
	page.says(".notice", "Går nøglen tabt, er alt tabt")
	page.silent(string(key))
	page.silent(string(bytes.TrimSpace(fileOf(t, f.MasterFile()))))

	b.post("/access/master-key", "/access/master-key", "grounds", "kort").want(http.StatusUnprocessableEntity).says("form", "10 til 1000 tegn")
	b.post("/access/master-key", "/access/master-key", "grounds", "").want(http.StatusUnprocessableEntity)
	b.post("/access/master-key", "/access/master-key", "grounds", "I bankboksen, formand og kasserer har adgang").goes("/access/master-key")
	page = b.get("/access/master-key")
	page.says(".notice", "hvordan hovednøglen er sikret")
	page.says(".card p", "I bankboksen")
	if b.get("/").first(`.duty a[href="/access/master-key"]`) != nil {
		t.Error("the duty is still there")
	}
	b.post("/access/master-key/undo", "/access/master-key").goes("/access/master-key")
	b.get("/access/master-key").says(".notice", "noteret")
	set, err := f.PrintShares(f.Context(), io.Discard, 5, 3, "root")
	f.Must(err)
	page = b.get("/access/master-key")
	page.says("tbody th", set.ID)
	page.says("tbody td", "3 af 5")
	if strings.Contains(page.body, "på én gang") {
		t.Error("one set is told of as several")
	}

	// Printing again ends nothing, and the page says so; a rotation ends both.
	again, err := f.PrintShares(f.Context(), io.Discard, 7, 4, "root")
	f.Must(err)
	page = b.get("/access/master-key")
	page.says("tbody th", set.ID)
	page.says("tbody th", again.ID)
	page.says(".notice", "2 sæt nøgledele gælder på én gang")
	page.says(".notice", "kun et skift af hovednøglen")
	_, _, err = f.RotateMaster(f.Context(), vault.Unlock{}, false, "root")
	f.Must(err)
	page = b.get("/access/master-key")
	page.says("h2", "Ingen nøgledele til denne nøgle")
}

// The same on a phone and at a desk, before and after the declaration: nothing for
// axe to find, everything reached by the keyboard, and whole on paper.
func TestTheMasterKeysPageInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, width := range []int64{390, 1280} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		base := "http://" + listener.Addr().String()
		f := housetest.New(t, housetest.At(time.Now()), func(c *app.Config) { c.URL, c.Demo = base, true })
		pages, err := web.New(f.House)
		f.Must(err)
		server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: pages}}
		server.Start()
		t.Cleanup(server.Close)
		tab := chromium.Open(t, browsertest.Options{Base: base, Width: width, Height: 844, Phone: width == 390, Forgive: forgiven})
		token, err := f.SignIn.DemoLink(f.Context(), f.Founder())
		f.Must(err)
		tab.Visit("/demo/" + token)
		speakDanish(tab)
		tab.Go("Log ind")
		_, err = f.PrintShares(f.Context(), io.Discard, 5, 3, "root")
		f.Must(err)
		for round := range 2 {
			tab.Visit("/access/master-key")
			for _, fault := range tab.Faults() {
				t.Errorf("%d: axe: %+v", width, fault)
			}
			for _, fault := range append(tab.ByKeyboard(), tab.OnPaper()...) {
				t.Errorf("%d: %s", width, fault)
			}
			if dir := os.Getenv("KARTOTEK_SCREENSHOTS"); dir != "" {
				tab.Picture(filepath.Join(dir, fmt.Sprintf("master-key-%d-%d.png", width, round)), 844)
			}
			if round == 0 {
				tab.Type("Hvordan og hvor den opbevares", "I bankboksen, formand og kasserer har adgang sammen")
				tab.Press("Erklær")
				tab.Says(".notice", "hvordan hovednøglen er sikret")
			}
		}
	}
}

func fileOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
