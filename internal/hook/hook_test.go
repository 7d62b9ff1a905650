package hook

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The specification's own example: its key, message and signature.
func TestN12SignedAsTheSpecificationHasIt(t *testing.T) {
	key, err := ParseKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	const id, stamp, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`
	if got := key.Sign(id, stamp, []byte(body)); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %q", got)
	}
	own, err := ParseKey("whsk_" + base64.StdEncoding.EncodeToString(make([]byte, ed25519.SeedSize)))
	if err != nil || !strings.HasPrefix(own.Public(), "whpk_") {
		t.Fatal(err, own.Public())
	}
	for _, k := range []Key{key, own} {
		now := time.Unix(1614265330, 0)
		good := k.Sign(id, stamp, []byte(body))
		if err := k.Verify(id, stamp, "v1,AAAA "+good, []byte(body), now.Add(time.Minute)); err != nil {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"another body": k.Verify(id, stamp, good, []byte(body+" "), now),
			"another id":   k.Verify(id+"x", stamp, good, []byte(body), now),
			"too late":     k.Verify(id, stamp, good, []byte(body), now.Add(time.Hour)),
			"no time":      k.Verify(id, "now", good, []byte(body), now),
			"no signature": k.Verify(id, stamp, "", []byte(body), now),
		} {
			if !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if text := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); strings.Contains(text, "[") {
			t.Errorf("the key prints as %s", text)
		}
	}
	for _, text := range []string{"", "whsec_", "whsec_AAAA", "whsk_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!"} {
		if k, err := ParseKey(text); err == nil || k.Valid() || strings.Contains(err.Error(), text) && text != "" && text != "whsec_" {
			t.Errorf("%q is a key: %v", text, err)
		}
	}
}

// A message reaches an HTTPS receiver signed, whole, once; redirects, plain HTTP and
// private addresses are refused, and answers are bounded.
func TestN12DeliveredOverHTTPSOnly(t *testing.T) {
	key, _ := ParseKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	took, elsewhere := 0, 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case r.URL.Path == "/elsewhere":
			elsewhere++
		case r.URL.Path == "/long":
			_, _ = w.Write(make([]byte, 4096))
		case key.Verify(h.Get("webhook-id"), h.Get("webhook-timestamp"), h.Get("webhook-signature"), body, time.Now()) != nil:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			took++
			w.Header().Set("Retry-After", "7")
			_, _ = io.WriteString(w, "ok")
		}
	}))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	ctx, client := context.Background(), New(Options{Private: true, Roots: roots})
	send := func(c *Client, address string) (Answer, error) {
		return c.Deliver(ctx, Target{address, key}, "msg_1", time.Now(), []byte(`{}`), 1024)
	}
	answer, err := send(client, server.URL+"/in")
	if err != nil || !answer.Taken() || string(answer.Body) != "ok" || answer.RetryAfter != 7*time.Second || took != 1 {
		t.Fatalf("%+v %v, taken %d times", answer, err, took)
	}
	if _, err := send(client, server.URL+"/moved"); !errors.Is(err, ErrRedirect) || elsewhere != 0 {
		t.Errorf("a redirect: %v, followed %d times", err, elsewhere)
	}
	if _, err := send(client, server.URL+"/long"); !errors.Is(err, ErrTooLong) {
		t.Errorf("a long answer: %v", err)
	}
	if _, err := send(New(Options{Roots: roots}), server.URL+"/in"); !errors.Is(err, ErrPrivate) || took != 1 {
		t.Errorf("a private address: %v", err)
	}
	if _, err := send(New(Options{Private: true}), server.URL+"/in"); err == nil || strings.Contains(err.Error(), "/in") {
		t.Errorf("a certificate nobody vouches for: %v", err)
	}
	for _, address := range []string{"http://example.org/in", "https://", "https://user:pw@example.org/", "https://example.org/?key=1", "ftp://example.org", "::"} {
		if _, err := send(client, address); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1:443", "10.1.2.3:443", "192.168.1.1:443", "169.254.169.254:80", "[::1]:443", "[fe80::1]:443", "[fd00::1]:443",
		"100.64.0.1:443", "0.0.0.0:443", "[::ffff:127.0.0.1]:443", "[64:ff9b::7f00:1]:443", "nonsense", "224.0.0.1:1"} {
		if public(address) == nil {
			t.Errorf("%s counts as public", address)
		}
	}
	for _, address := range []string{"93.184.215.14:443", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443"} {
		if err := public(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}
