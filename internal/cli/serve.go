package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web"
)

type serveCommand struct{}

// grace is how long requests and commands that run get when the server stops.
const grace = 10 * time.Second

func (c *serveCommand) run(ctx context.Context, d *desk) error {
	s, err := d.listen(d.grammar.Listen)
	if err != nil {
		return err
	}
	defer s.stop()
	config, err := d.grammar.config(d)
	if err != nil {
		return err
	}
	config.URL = d.grammar.address(s.listener.Addr().String())
	line := d.progress()
	config.Progress = func(stage string, done, total int) {
		s.front.tell(done, total)
		line.tell(stage, done, total)
	}
	house, err := app.Open(ctx, config)
	line.clear()
	if err != nil {
		return err
	}
	if err := webhooksKnown(house); err != nil {
		return errors.Join(err, house.Close())
	}
	if !config.Demo {
		d.warn(house)
	}
	return s.serve(ctx, d, house, nil)
}

// warn says what whoever runs the register should know and may change.
func (d *desk) warn(h *app.House) {
	for _, key := range nearKeys(h.Nearness()) {
		d.note(key)
	}
	if s := h.Keyring.Standing(); !s.Secured() {
		d.note("master.unsecured")
	}
	d.warnOfCopies(h.Config, realPath(h.Data), realPath(h.Keys))
	if h.Config.Mail.Host == "" {
		d.note("cli.serve.no_mail")
	}
	if host, _, err := net.SplitHostPort(d.grammar.Listen); err == nil && !loopback(host) && d.grammar.URL == "" {
		d.note("cli.serve.open")
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	return path
}

// server is a listening address and what answers there.
type server struct {
	listener net.Listener
	front    *front
	http     *http.Server
	ended    chan error
}

// listen takes the address and answers at once; until the house is open with
// how far its opening is.
func (d *desk) listen(address string) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.New(fault.Conflict, "cli.error.listen", "address", address).Because(err)
	}
	s := &server{listener: listener, front: &front{}, ended: make(chan error, 1)}
	s.http = &http.Server{
		Handler:           s.front,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       15 * time.Minute, // a file to import may be large and the line slow
		WriteTimeout:      30 * time.Minute, // so may a list
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it names network addresses
	}
	go func() { s.ended <- s.http.Serve(listener) }()
	return s, nil
}

// stop gives the address back.
func (s *server) stop() { _ = s.http.Close() }

// serve answers for the house until the context ends, then stops in order: no
// new requests, the running ones, the scheduled work, the house itself. Ready,
// if given, is called once pages are answered.
func (s *server) serve(ctx context.Context, d *desk, house *app.House, ready func() error) (err error) {
	defer func() { err = errors.Join(err, house.Close()) }()
	pages, err := web.New(house)
	if err != nil {
		return err
	}
	standApart()
	office, err := openOffice(house)
	if err != nil {
		house.Log.Warn("commands beside this server must wait until it is stopped", "error", err)
	} else {
		defer func() { _ = office.close(grace) }()
	}
	s.front.open(pages)

	ctx, cancel := context.WithCancel(ctx)
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		house.Run(ctx)
	}()
	defer func() {
		cancel()
		<-worked
	}()
	if ready != nil {
		if err := ready(); err != nil {
			return err
		}
	}
	if err := d.announce(house.URL); err != nil {
		return err
	}
	select {
	case err := <-s.ended:
		return err
	case <-house.Halted():
		return vault.ErrCopyNewer
	case <-ctx.Done():
	}
	d.note("cli.serve.stopping")
	within, over := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer over()
	if err := s.http.Shutdown(within); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// announce prints where the pages are.
func (d *desk) announce(url string) error {
	err := d.answer(map[string]string{"url": url}, func() { d.say("cli.serve.ready", "url", url) })
	return errors.Join(err, d.out.Flush())
}

// front answers requests: while the house is being opened with how far that is,
// then with its pages.
type front struct {
	pages       atomic.Pointer[http.Handler]
	done, total atomic.Int64
}

func (f *front) open(pages http.Handler) { f.pages.Store(&pages) }

func (f *front) tell(done, total int) {
	f.done.Store(int64(done))
	f.total.Store(int64(total))
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if pages := f.pages.Load(); pages != nil {
		(*pages).ServeHTTP(w, r)
		return
	}
	p := locale.For(locale.Match(r.Header.Get("Accept-Language")))
	text := p.T("cli.serve.starting")
	if total := f.total.Load(); total > 0 {
		text = p.T("cli.serve.starting_of", "percent", 100*f.done.Load()/total)
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Language", p.Lang())
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", "1")
	h.Set("Refresh", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(text + "\n"))
}
