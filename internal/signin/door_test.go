package signin

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// A code of an app is good for the half minute it shows, and the one before and
// after it for clocks that are off; never one that is not newer than the last.
func TestAppCodesAreGoodOnce(t *testing.T) {
	secret := []byte("12345678901234567890")
	text := shared32.EncodeToString(secret)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "now"), 0)
		off := rapid.Int64Range(-5, 5).Draw(t, "periods off")
		shown := now.Add(time.Duration(off) * appPeriod * time.Second)
		code, err := totp.GenerateCode(text, shown)
		if err != nil {
			t.Fatal(err)
		}
		step, right := appStep(secret, code, now, 0)
		if want := off >= -appSkew && off <= appSkew; right != want {
			// A stranger's half minute may show the same digits; then it is that one.
			if other, _ := totp.GenerateCode(text, time.Unix(int64(step)*appPeriod, 0)); !right || other != code {
				t.Fatalf("%d periods off: %v", off, right)
			}
		}
		if right {
			if _, again := appStep(secret, code, now, step); again {
				t.Fatal("a code was good twice")
			}
		}
	})
}

// What people type of a code on paper is read whatever its case and strokes.
func TestShortCodesAreReadAsTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 5).Draw(t, "groups")
		code := newShort(groups)
		if len(code) != 5*groups-1 {
			t.Fatalf("%q", code)
		}
		if got := plainShort(" " + code[:4] + " – " + code[4:]); got != plainShort(code) || len(got) != 4*groups {
			t.Fatalf("%q is read as %q", code, got)
		}
	})
}

func TestDevicesAreToldByFamilyOnly(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                              "Firefox/Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1":           "Safari/iPhone",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0":                     "Edge/Windows",
		"Mozilla/5.0 (Linux; Android 15; SM-S911B) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36":            "Samsung Internet/Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":         "Safari/Mac",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1": "Chrome/iPad",
		"curl/8.0": "/",
		"":         "/",
	} {
		if got := DeviceWords(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

// Passkeys belong to a name reached by https, or to this machine.
func TestWherePasskeysAre(t *testing.T) {
	for address, want := range map[string]string{
		"https://register.example.org":      "register.example.org",
		"https://register.example.org:8443": "register.example.org",
		"http://localhost:8080":             "localhost",
		"http://127.0.0.1:8080":             "localhost",
		"http://register.example.org":       "",
		"https://192.0.2.4":                 "",
		"":                                  "",
	} {
		_, w, err := relyingParty(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		got := ""
		if w != nil {
			got = w.Config.RPID
		}
		if got != want {
			t.Errorf("%s: passkeys at %q, want %q", address, got, want)
		}
	}
}

// What a passkey and a remembered device carry tells nothing without the keyring,
// and nobody else can make one.
func TestCoveredNamesAreOpaque(t *testing.T) {
	each(t, func(h *house) {
		one, two := h.cover("signin.handle", 7, 3), h.cover("signin.handle", 7, 3)
		if string(one) == string(two) || len(one) > 64 {
			t.Error("two covers are the same, or too long for a passkey")
		}
		if person, id, ok := h.uncover("signin.handle", one); !ok || person != 7 || id != 3 {
			t.Errorf("uncovered %d, %d, %v", person, id, ok)
		}
		one[len(one)-1] ^= 1
		for _, c := range [][]byte{one, nil, []byte("short"), h.cover("signin.device", 7, 3)} {
			if _, _, ok := h.uncover("signin.handle", c); ok {
				t.Errorf("%x is taken", c)
			}
		}
	})
}

// Everything the door keeps of a person are the person's records: with their key
// gone no part of it opens anything (D7), and the factors, codes, devices and
// one-time code are useless.
func TestD7TheDoorForgetsTheErased(t *testing.T) {
	each(t, func(h *house) {
		ida := h.join("ida@example.dk", "Ida", date(1970, 1, 2))
		ticket, err := h.NewApp(ctx, ida)
		h.must(err)
		key, err := h.App(ctx, ida, ticket)
		h.must(err)
		code, err := totp.GenerateCode(key.Secret, h.clock.Now())
		h.must(err)
		h.must(h.AddApp(ctx, ida, ticket, code, "app"))
		codes, err := h.MakeCodes(ctx, ida)
		h.must(err)
		cookie, err := h.Remember(ctx, ida, "Firefox/Windows")
		h.must(err)
		way, err := h.Rescue(ctx, "root", ida)
		h.must(err)
		if !h.Remembered(ctx, cookie, "Firefox/Windows") || h.Remembered(ctx, cookie, "Chrome/Windows") {
			t.Error("a remembered device is not bound to its browser")
		}
		if raw, err := base64.RawURLEncoding.DecodeString(cookie); err != nil || len(raw) < 40 {
			t.Errorf("a device's cookie of %d bytes", len(raw))
		}
		told := map[string]int{}
		h.must(h.db.Read(ctx, func(q database.Querier) error {
			return h.o.Records.Walk(q, ida, func(kind record.Named, _ uint64, lines []record.Line) error {
				told[kind.Name]++
				for _, l := range lines {
					for _, secret := range append(codes, key.Secret, cookie, way) {
						if l.Value == secret {
							t.Errorf("%s tells a secret", kind.Name)
						}
					}
				}
				return nil
			})
		}))
		if want := "map[device:1 factor:1 recovery-codes:1 signin:1]"; fmt.Sprint(told) != want {
			t.Errorf("the person is told %v, want %v", told, want)
		}
		_, err = h.keys.Erase(ctx, h.clock.Now(), []vault.PersonID{ida}, vault.Membership)
		h.must(err)
		_, err = h.Return(ctx, cookie, "Firefox/Windows")
		h.refused(err, fault.Gone, "signin.error.device")
		_, err = h.Redeem(ctx, way, remote)
		h.refused(err, fault.Invalid, "signin.error.way")
	})
}
