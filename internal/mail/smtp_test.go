package mail

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestSendsThenForgets(t *testing.T) {
	s := listen(t, withStartTLS)
	each(t, to(s, StartTLS), func(h *house) {
		before := len(s.mails())
		key := h.post("kari@x.example", func(m *Message) {
			m.Subject = "Din kode på dørtrinnet"
			m.Body = "Hej\n\nDin kode er 123456. " + strings.Repeat("Blåbærgrød ", 20) + "\n.\nSlut"
		})
		h.work()
		got := s.mails()[before:]
		if len(got) != 1 || got[0].from != "post@kartotek.example" || got[0].to != "kari@x.example" || got[0].hello != "kartotek.example" {
			h.t.Fatalf("%+v", got)
		}
		m, err := netmail.ReadMessage(strings.NewReader(got[0].text))
		h.must(err)
		for name, want := range map[string]string{
			"From": `"Kartotek" <post@kartotek.example>`, "To": "<kari@x.example>",
			"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
			"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "quoted-printable",
			"User-Agent": "", "X-Mailer": "", "Disposition-Notification-To": "", "Return-Receipt-To": "",
		} {
			if m.Header.Get(name) != want {
				h.t.Errorf("%s: %q, want %q", name, m.Header.Get(name), want)
			}
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		h.must(err)
		if subject != "Din kode på dørtrinnet" {
			h.t.Errorf("subject %q", subject)
		}
		if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, "@kartotek.example>") {
			h.t.Errorf("message id %q", id)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		h.must(err)
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		if !strings.HasPrefix(text, "Hej\n\nDin kode er 123456. Blåbærgrød") || !strings.HasSuffix(text, "\n.\nSlut\n") {
			h.t.Errorf("body %q", text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if len([]rune(line)) > lineWidth {
				h.t.Errorf("a line of %d", len([]rune(line)))
			}
		}
		if h.rows() != 0 {
			h.t.Error("the row is still there")
		}
		h.gone(key)
		h.silent("kari", "123456")
	})
}

// silent checks that the log holds none of the words.
func (h *house) silent(words ...string) {
	h.t.Helper()
	for _, word := range words {
		if strings.Contains(h.log.String(), word) {
			h.t.Errorf("%q is in the log: %s", word, h.log)
		}
	}
}

func TestTLSWithSignIn(t *testing.T) {
	s := listen(t, withTLS, func(s *server) { s.user = "outbox" })
	for _, password := range []string{"hemmelig", "forkert"} {
		t.Run(password, func(t *testing.T) {
			each(t, func(o *Options) {
				to(s, TLS)(o)
				o.User, o.Password = "outbox", password
			}, func(h *house) {
				before := len(s.mails())
				h.post("kari@x.example")
				h.work()
				if sent := len(s.mails()) - before; sent != map[string]int{"hemmelig": 1, "forkert": 0}[password] {
					h.t.Fatalf("%d sent", sent)
				}
				if password == "forkert" && (h.status().Trouble.IsZero() || h.status().Waiting != 1) {
					h.t.Errorf("%+v", h.status())
				}
				h.silent("forkert", "hemmelig", "kari")
			})
		})
	}
}

func TestStartTLSWithSignIn(t *testing.T) {
	s := listen(t, withStartTLS, func(s *server) { s.user = "outbox" })
	each(t, func(o *Options) {
		to(s, StartTLS)(o)
		o.User, o.Password = "outbox", "hemmelig"
	}, func(h *house) {
		h.post("kari@x.example")
		h.work()
		if h.rows() != 0 {
			h.t.Error("not sent")
		}
	})
}

func TestPlainOnlyToThisMachine(t *testing.T) {
	s := listen(t, without)
	each(t, to(s, Plain), func(h *house) {
		before := len(s.mails())
		h.post("kari@x.example")
		h.work()
		if len(s.mails()) != before+1 {
			h.t.Fatal("not sent to this machine itself")
		}
	})
	// "localhost" is what a resolver makes of it: the connection is looked at too.
	c := &connection{o: &Options{Security: Plain}}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		ip := a.(*net.IPNet).IP
		if ip.To4() == nil || ip.IsLoopback() {
			continue
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		if _, err := c.connect(ctx, ctx, "tcp", net.JoinHostPort(ip.String(), port)); err == nil {
			t.Error("connected without TLS to another address")
		}
	}
}

// A server that does not offer STARTTLS (or somebody between who takes the offer
// out) gets nothing.
func TestNoTLSNoMail(t *testing.T) {
	s := listen(t, without)
	each(t, to(s, StartTLS), func(h *house) {
		h.post("kari@x.example")
		h.work()
		if len(s.mails()) != 0 || h.status().Trouble.IsZero() {
			h.t.Errorf("%d sent, %+v", len(s.mails()), h.status())
		}
	})
	strange := listen(t, withStartTLS)
	strange.roots = nil // the system's authorities do not know it
	each(t, to(strange, StartTLS), func(h *house) {
		h.post("kari@x.example")
		h.work()
		if len(strange.mails()) != 0 || !strings.Contains(h.log.String(), "certificate not accepted") {
			h.t.Errorf("%d sent; %s", len(strange.mails()), h.log)
		}
	})
}

func TestRefusedForGood(t *testing.T) {
	for stage, with := range map[string]func(*server){
		"recipient": func(s *server) {
			s.onRcpt = func(to string) error {
				if strings.HasPrefix(to, "kari") {
					return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user kari@x.example"}
				}
				return nil
			}
		},
		"content": func(s *server) {
			s.onData = func(text string) error {
				if strings.Contains(text, "kari@") {
					return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "kari@x.example does not want it"}
				}
				return nil
			}
		},
	} {
		t.Run(stage, func(t *testing.T) {
			s := listen(t, withStartTLS, with)
			each(t, to(s, StartTLS), func(h *house) {
				before, dialled := len(s.mails()), s.connections()
				key := h.post("kari@x.example")
				h.post("ola@x.example", func(m *Message) { m.Person = 8 })
				h.work()
				if got := s.mails()[before:]; len(got) != 1 || got[0].to != "ola@x.example" {
					h.t.Fatalf("the mail behind a refused one: %+v", got)
				}
				h.gone(key)
				list, err := h.Undelivered(ctx)
				h.must(err)
				if len(list) != 1 || list[0].Person != 7 || list[0].Attempts != 1 || h.status().Waiting != 0 {
					h.t.Fatalf("%+v, %+v", list, h.status())
				}
				h.clock.add(time.Hour)
				h.work()
				if s.connections() != dialled+1 {
					h.t.Error("tried again")
				}
				h.silent("kari", "x.example")
			})
		})
	}
}

// Grey-listing: refused twice for now, then taken, each time under one Message-ID.
func TestDeferredThenSent(t *testing.T) {
	var seen []string
	s := listen(t, withStartTLS, func(s *server) {
		s.onData = func(text string) error {
			m, err := netmail.ReadMessage(strings.NewReader(text))
			if err != nil {
				return err
			}
			if seen = append(seen, m.Header.Get("Message-Id")); len(seen)%3 != 0 {
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later, kari@x.example"}
			}
			return nil
		}
	})
	each(t, to(s, StartTLS), func(h *house) {
		seen = nil
		before := len(s.mails())
		key := h.post("kari@x.example")
		h.work()
		h.work() // not due yet
		if len(seen) != 1 || h.status().Waiting != 1 {
			h.t.Fatalf("%d tries, %+v", len(seen), h.status())
		}
		h.clock.add(pause(1))
		h.work()
		h.clock.add(pause(2) - time.Second)
		h.work()
		if len(seen) != 2 {
			h.t.Fatalf("%d tries", len(seen))
		}
		h.clock.add(time.Second)
		h.work()
		if len(s.mails()) != before+1 || h.rows() != 0 {
			h.t.Fatalf("%d sent, %d rows", len(s.mails())-before, h.rows())
		}
		if seen[0] != seen[1] || seen[1] != seen[2] {
			h.t.Errorf("message ids %q", seen)
		}
		h.gone(key)
		h.silent("kari")
	})
}

// A server that takes the mail and never answers is given up after the timeout;
// the mails behind are tried first then.
func TestSlowServer(t *testing.T) {
	hang := make(chan struct{})
	s := listen(t, withStartTLS, func(s *server) {
		s.onData = func(text string) error {
			if strings.Contains(text, "kari@") {
				<-hang
			}
			return nil
		}
	})
	defer close(hang)
	each(t, func(o *Options) {
		to(s, StartTLS)(o)
		o.Timeout = 2 * time.Second
	}, func(h *house) {
		before := len(s.mails())
		h.post("kari@x.example", func(m *Message) { m.Ends = h.clock.Now().Add(10 * time.Minute) })
		h.post("ola@x.example", func(m *Message) { m.Person = 8 })
		began := time.Now()
		h.work()
		if took := time.Since(began); took > 20*time.Second {
			h.t.Fatalf("waited %v", took)
		}
		if h.status().Waiting != 2 || h.status().Trouble.IsZero() || !strings.Contains(h.log.String(), "no answer while closing SMTP DATA writer") {
			h.t.Fatalf("%+v: %s", h.status(), h.log)
		}
		h.clock.add(pause(1) - time.Second)
		h.work() // the server rests
		if len(s.mails()) != before {
			h.t.Fatal("no rest for the server")
		}
		h.clock.add(time.Second)
		h.work()
		if got := s.mails()[before:]; len(got) != 1 || got[0].to != "ola@x.example" {
			h.t.Fatalf("%+v", got)
		}
	})
}

// Stop waits for the mail in hand only as long as it may, then cuts the connection.
func TestStopCutsAHangingServer(t *testing.T) {
	reached, hang := make(chan struct{}, 10), make(chan struct{})
	s := listen(t, withStartTLS, func(s *server) {
		s.onData = func(string) error {
			reached <- struct{}{}
			<-hang
			return nil
		}
	})
	defer close(hang)
	each(t, func(o *Options) {
		to(s, StartTLS)(o)
		o.Timeout = time.Minute
	}, func(h *house) {
		h.post("kari@x.example")
		h.Start()
		<-reached
		began := time.Now()
		cancelled, cancel := contextWithTimeout(50 * time.Millisecond)
		defer cancel()
		h.Stop(cancelled)
		if took := time.Since(began); took > 20*time.Second {
			h.t.Errorf("stopping took %v", took)
		}
		if h.status().Waiting != 1 {
			h.t.Error("a mail in hand was lost")
		}
	})
}

// A server that is away is asked again, each time a little later; no mail is lost.
func TestServerAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	s := listen(t, without)
	each(t, func(o *Options) { o.Host, o.Port, o.Security = "127.0.0.1", port, Plain }, func(h *house) {
		before := len(s.mails())
		h.post("kari@x.example")
		since := h.clock.Now()
		h.work()
		if got := h.status(); !got.Trouble.Equal(since) || got.Waiting != 1 || !strings.Contains(h.log.String(), "connection refused") {
			h.t.Fatalf("%+v: %s", got, h.log)
		}
		h.o.Port = s.port // it is back
		h.work()
		if len(s.mails()) != before {
			h.t.Fatal("asked again at once")
		}
		h.clock.add(pause(1))
		h.work()
		if len(s.mails()) != before+1 || !h.status().Trouble.IsZero() || h.rows() != 0 {
			h.t.Errorf("%d sent, %+v", len(s.mails())-before, h.status())
		}
	})
}

func TestUrgentFirstAndOneConnection(t *testing.T) {
	s := listen(t, withStartTLS)
	each(t, to(s, StartTLS), func(h *house) {
		before, dialled := len(s.mails()), s.connections()
		for range 5 {
			h.post("notice@x.example", func(m *Message) { m.Ends = h.clock.Now().Add(24 * time.Hour) })
		}
		h.post("kari@x.example")
		h.post("ingen@x.example", func(m *Message) { m.Decoy = true })
		h.work()
		got := s.mails()[before:]
		if len(got) != 6 || got[0].to != "kari@x.example" || s.connections() != dialled+1 || h.rows() != 0 {
			h.t.Errorf("%d mails, the first to %s, %d connections, %d rows", len(got), got[0].to, s.connections()-dialled, h.rows())
		}
		for _, m := range got {
			if m.to == "ingen@x.example" {
				h.t.Error("a decoy was sent")
			}
		}
	})
}

// The worker notices what an act enqueues without being asked.
func TestWorkerIsWoken(t *testing.T) {
	s := listen(t, withStartTLS)
	each(t, to(s, StartTLS), func(h *house) {
		h.Start()
		h.post("kari@x.example")
		select {
		case <-s.accepted:
		case <-time.After(10 * time.Second):
			h.t.Fatal("not sent")
		}
		eventually(h.t, func() bool { return h.rows() == 0 })
	})
}
