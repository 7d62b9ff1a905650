package mail

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"kartotek/internal/vault"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"short lines stay", "Hej\n\nKoden er 123456\n", "Hej\n\nKoden er 123456\n"},
		{"a long line is broken between words",
			strings.Repeat("ord ", 20), strings.TrimSpace(strings.Repeat("ord ", 18)) + "\nord ord\n"},
		{"a link stays whole", "Her: https://kartotek.example/" + strings.Repeat("a", 80) + " og videre",
			"Her:\nhttps://kartotek.example/" + strings.Repeat("a", 80) + "\nog videre\n"},
		{"letters are counted, not bytes", strings.Repeat("æ", 35) + " " + strings.Repeat("å", 36),
			strings.Repeat("æ", 35) + " " + strings.Repeat("å", 36) + "\n"},
		{"indentation carries over", "  " + strings.Repeat("æøå ", 20),
			"  " + strings.TrimSpace(strings.Repeat("æøå ", 17)) + "\n  æøå æøå æøå\n"},
		{"line ends become one kind", "a\r\nb\r\n\r\n", "a\nb\n"},
	} {
		if got := wrap(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWrapKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zæøå0-9:/]{1,90}[ \n]){0,9}`).Draw(t, "text")
		got := wrap(text)
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") {
			t.Fatalf("words changed: %q", got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if utf8.RuneCountInString(line) > lineWidth && strings.Contains(strings.TrimSpace(line), " ") {
				t.Fatalf("too wide: %q", line)
			}
		}
	})
}

func TestPauseGrowsToItsLimit(t *testing.T) {
	var all time.Duration
	for n := 1; n < 100; n++ {
		if pause(n) < pause(n-1) || pause(n) > 10*time.Minute {
			t.Fatalf("pause(%d) = %v after %v", n, pause(n), pause(n-1))
		}
		if n <= 7 {
			all += pause(n)
		}
	}
	if pause(0) != 0 || pause(1) != 5*time.Second || pause(99) != 10*time.Minute {
		t.Error("first, or longest, pause is wrong")
	}
	if all > 15*time.Minute {
		t.Errorf("seven attempts take %v: longer than a sign-in code lives", all)
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		at   stage
		code int
		want outcome
	}{
		{atRecipient, 550, refused}, {atRecipient, 450, deferred}, {atContent, 554, refused}, {atContent, 451, deferred},
		{atContent, 421, broken}, {atSender, 550, broken}, {atSender, 451, broken}, {atConnection, 0, broken}, {atContent, 0, broken},
	} {
		if got := judge(c.at, c.code); got != c.want {
			t.Errorf("stage %d, answer %d: outcome %d, want %d", c.at, c.code, got, c.want)
		}
	}
}

// L1: membership may be a special category; neither subject nor sender name tells it.
func TestL1SubjectsStayNeutral(t *testing.T) {
	unsaid := []string{"Eksempelpartiet", "EP"}
	for _, subject := range []string{"Eksempelpartiet: din kode", "din kode til EKSEMPELPARTIET", "ep-kode", "a\r\nBcc: b@x.example", strings.Repeat("a", 79)} {
		if neutral(subject, unsaid) == nil {
			t.Errorf("%q was taken for neutral", subject)
		}
	}
	if err := neutral("Din kode", unsaid); err != nil {
		t.Error(err)
	}
}

func TestBareAddresses(t *testing.T) {
	for _, wrong := range []string{"", "kari", "Kari <kari@x.example>", "kari@x.example, b@x.example", "kari@x.example\r\nBcc: b@x.example", "a@" + strings.Repeat("b", 260)} {
		_, err := bare(wrong)
		if err == nil {
			t.Errorf("%q was taken for an address", wrong)
		} else if wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("the error quotes %q", wrong)
		}
	}
	if got, err := bare(" kari@x.example "); err != nil || got != "kari@x.example" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOptionsRefused(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no sender":                    func(o *Options) { o.From = "" },
		"telling sender name":          func(o *Options) { o.Name = "Eksempelpartiet" },
		"plain across the network":     func(o *Options) { o.Host, o.Security = "mail.example", Plain },
		"unknown security":             func(o *Options) { o.Security = "none" },
		"mailbox beside a mail server": func(o *Options) { o.Mailbox, o.Host = true, "mail.example" },
		"negative timeout":             func(o *Options) { o.Timeout = -1 },
		"impossible reply address":     func(o *Options) { o.ReplyTo = "nobody" },
	} {
		o := Options{From: "post@kartotek.example", Unsaid: []string{"Eksempelpartiet"}}
		change(&o)
		if _, err := New(nil, nil, o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := New(nil, nil, Options{From: "post@kartotek.example"}); err != nil {
		t.Error(err)
	}
}

func TestLetterForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 400, 3000)
		l := letter{
			To: text.Draw(t, "to"), Subject: text.Draw(t, "subject"), Body: text.Draw(t, "body"), Kind: text.Draw(t, "kind"),
			MessageID: text.Draw(t, "id"), Decoy: rapid.Bool().Draw(t, "decoy"),
			Ends: time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "ends")).UTC(),
			Ref:  rapid.Int64().Draw(t, "ref"), Unsubscribe: text.Draw(t, "stop"), ReplyTo: text.Draw(t, "reply"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "with") {
			l.With = append(l.With, vault.PersonID(rapid.Uint32().Draw(t, "person")))
		}
		b := l.encode()
		if len(b)%sealedStep != 0 {
			t.Fatalf("%d bytes tell which mail it is", len(b))
		}
		var back letter
		if err := back.decode(b); err != nil || !reflect.DeepEqual(back, l) {
			t.Fatalf("got %+v, %v", back, err)
		}
	})
}

func FuzzLetterForm(f *testing.F) {
	f.Add((&letter{To: "kari@x.example", Body: "Hej", Ends: time.UnixMicro(1)}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		var l letter
		_ = l.decode(b) // whatever it is, no panic
	})
}
