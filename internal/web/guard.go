package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"kartotek/internal/web/look"
)

const (
	pageTime = 30 * time.Second // a page that takes longer is given up; long routes have none
	formSize = 64 << 10         // bytes of a form; uploads have their own
)

// headers holds browsers to what every page promises. Nothing with data is
// stored anywhere on the way; assets say for themselves that they may be.
func (s *site) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", look.Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// serve is the handler of one route: session, limits, who may come, the act.
func (s *site) serve(at route) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		traceOf(r.Context()).pattern = at.pattern
		if !at.long {
			ctx, cancel := context.WithTimeout(r.Context(), pageTime)
			defer cancel()
			r = r.WithContext(ctx)
		}
		size := int64(formSize)
		if at.upload > 0 {
			size = at.upload
		}
		r.Body = http.MaxBytesReader(w, r.Body, size)

		v := s.visit(w, r)
		switch {
		case at.signedIn && v.session.Person == 0:
			v.fail(v.to("/signin"))
		case at.signedIn:
			path, err := v.gate(at)
			switch {
			case err != nil:
				v.fail(err)
			case path != "":
				v.fail(v.to(path))
			default:
				v.fail(at.act(v))
			}
		default:
			v.fail(at.act(v))
		}
	}))
}

// trace is what is logged of a request, and whether it was answered.
type trace struct {
	pattern string
	status  int
}

type traceKey struct{}

// traceOf is the trace of a request that came through watch; a new one elsewhere.
func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t
	}
	return &trace{}
}

// watch logs every request by method, route, status and duration, and nothing
// else: no address, no query, no form, no person. A panic becomes an error page.
func (s *site) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		t := &trace{}
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, t))
		out := &recorder{ResponseWriter: w, trace: t}
		defer func() {
			s.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", method(r.Method)), slog.String("route", t.pattern),
				slog.Int("status", t.status), slog.Duration("took", time.Since(begun).Round(time.Microsecond)))
		}()
		defer func() {
			if broken := recover(); broken != nil {
				s.broken(out, r, broken)
			}
		}()
		next.ServeHTTP(out, r)
	})
}

// broken answers a request whose handler panicked. The value of a panic may hold
// anything, so only what the runtime itself says is logged.
func (s *site) broken(w *recorder, r *http.Request, value any) {
	if value == http.ErrAbortHandler {
		panic(value)
	}
	what := fmt.Sprintf("%T", value)
	if err, ok := value.(runtime.Error); ok {
		what = err.Error()
	}
	s.log.ErrorContext(r.Context(), "panic", "route", w.trace.pattern, "what", what, "stack", string(debug.Stack()))
	if w.trace.status != 0 {
		panic(http.ErrAbortHandler) // half a page is out: the browser must not take it for a whole one
	}
	v := &visit{site: s, w: w, r: r, house: s.house, p: s.printer(r, "")}
	v.fail(errPanic)
}

// method keeps made-up methods out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return m
	}
	return "other"
}

// recorder remembers the status.
type recorder struct {
	http.ResponseWriter
	trace *trace
}

func (r *recorder) WriteHeader(status int) {
	if r.trace.status == 0 {
		r.trace.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.trace.status == 0 {
		r.trace.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
