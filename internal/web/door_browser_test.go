package web_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
)

// TestPasskeys makes and uses passkeys in a real browser, with an authenticator
// that makes sure who holds it, on both engines and at both widths. With
// KARTOTEK_SCREENSHOTS it saves what the door's pages look like.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"sqlite", 1280, 900, false}, {"postgresql", 390, 844, true}} {
		t.Run(trip.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			_, port, _ := net.SplitHostPort(listener.Addr().String())
			base := "http://localhost:" + port
			options := []housetest.Option{housetest.At(time.Now()), func(c *app.Config) { c.URL = base }}
			if trip.phone {
				options = append(options, housetest.PostgreSQL(t))
			}
			f := housetest.New(t, options...)
			pages, err := web.New(f.House)
			f.Must(err)
			server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: pages}}
			server.Start()
			t.Cleanup(server.Close)
			officerAt(f, "olga", olgaMail)

			open := func() *browsertest.Tab {
				return chromium.Open(t, browsertest.Options{Base: base, Width: trip.width, Height: trip.height, Phone: trip.phone})
			}
			picture := func(tab *browsertest.Tab, name string) {
				for _, fault := range tab.Faults() {
					t.Errorf("%s: %+v", name, fault)
				}
				if dir := os.Getenv("KARTOTEK_SCREENSHOTS"); dir != "" {
					if trip.phone {
						name += "-phone"
					}
					tab.Picture(filepath.Join(dir, name+".png"), trip.height)
				}
			}
			tab := open()
			key := authenticator(t, tab)
			byMail := func() {
				tab.Visit("/signin")
				speakDanish(tab)
				tab.Type("Din e-mail", olgaMail)
				tab.Go("Send mig en kode")
				tab.Type("Seks tal fra mailen", f.Code(olgaMail))
				picture(tab, "door-code")
				tab.GoIn("main", "Log ind")
			}
			byMail()
			tab.Says("h1", "Før du ser andres oplysninger")
			picture(tab, "door-setup")
			tab.Go("Opret en adgangsnøgle")
			tab.Says("h1", "Nødkoder")
			if tab.Count("ol.codes li") != 10 {
				t.Errorf("%d recovery codes", tab.Count("ol.codes li"))
			}
			picture(tab, "door-codes")
			tab.Go("Jeg har gemt dem")
			tab.Visit("/members")
			tab.Says("h1", "Medlemmer")
			tab.Visit("/account")
			picture(tab, "door-account")

			// The passkey alone: it is held and makes sure who holds it.
			tab.GoIn("header", "Log ud")
			picture(tab, "door-signin")
			tab.Go("Log ind med adgangsnøgle")
			tab.Visit("/members")
			tab.Says("h1", "Medlemmer")

			// After the mail as the second step.
			tab.GoIn("header", "Log ud")
			byMail()
			tab.Visit("/members")
			tab.Says("h1", "Et skridt mere")
			picture(tab, "door-second")
			tab.Go("Brug din adgangsnøgle")
			tab.Says("h1", "Medlemmer")

			// Where the key does not make sure who holds it, nobody comes in.
			tab.GoIn("header", "Log ud")
			verified(t, tab, key, false)
			tab.Press("Log ind med adgangsnøgle")
			tab.Until("document.querySelector('[data-said]').hidden", "false")
			tab.Says("[data-said]", "afbrudt")
			tab.Visit("/members")
			tab.Says("h1", "Log ind")
			verified(t, tab, key, true)

			// An app too: its square, and the page of it.
			byMail()
			tab.Visit("/members")
			tab.Go("Brug din adgangsnøgle")
			tab.Visit("/account")
			tab.Go("Tilføj en app med koder")
			tab.Says("h1", "Forbind din app")
			picture(tab, "door-app")
			tab.Visit("/signin/way")
			picture(tab, "door-way")

			helper := open()
			token, err := f.SignIn.DemoLink(f.Context(), f.Person("anna"))
			f.Must(err)
			helper.Visit("/demo/" + token)
			speakDanish(helper)
			helper.GoIn("main", "Log ind")
			helper.Visit("/access/recover")
			helper.Type("Navn", "olga")
			helper.Go("Find")
			helper.Says("main", "Olga Officersen")
			picture(helper, "door-recover")
		})
	}
}

func speakDanish(tab *browsertest.Tab) {
	if tab.Eval("document.documentElement.lang") != "da" {
		tab.GoIn(".lang", "Dansk")
	}
}

// authenticator gives a tab a phone's passkeys that never ask twice.
func authenticator(t *testing.T, tab *browsertest.Tab) webauthn.AuthenticatorID {
	t.Helper()
	var id webauthn.AuthenticatorID
	tab.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		id = made.AuthenticatorID
		return err
	}))
	return id
}

func verified(t *testing.T, tab *browsertest.Tab, id webauthn.AuthenticatorID, is bool) {
	t.Helper()
	tab.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: is})
		return err
	}))
}
