package web

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
)

// guarded is a site with one route, and what it logs.
func guarded(t *testing.T, act func(*visit) error) (http.Handler, *bytes.Buffer) {
	t.Helper()
	f := housetest.Empty(t)
	var log bytes.Buffer
	s := &site{house: f.House, log: slog.New(slog.NewTextHandler(&log, nil)), mux: http.NewServeMux()}
	s.sessions = s.newSessions()
	s.mux.Handle("GET /x", s.serve(open("GET /x", act)))
	return s.watch(s.headers(s.mux)), &log
}

// A panic is a page that says nothing of it; what it held is not logged either.
func TestPanicTellsNothing(t *testing.T) {
	handler, log := guarded(t, func(*visit) error { panic("quistorff@example.dk") })
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/x", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "Noget gik galt hos os") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String()+log.String(), "quistorff") || strings.Contains(w.Body.String(), "goroutine") {
		t.Error("the panic's value got out")
	}
	if !strings.Contains(log.String(), "what=string") || !strings.Contains(log.String(), "status=500") {
		t.Errorf("the log: %s", log)
	}
}

// An error in the middle of an answer breaks the connection: a list cut short
// must not look whole.
func TestHalfAnAnswerIsBroken(t *testing.T) {
	handler, log := guarded(t, func(v *visit) error {
		v.w.Write(bytes.Repeat([]byte("x"), 1<<16))
		return io.ErrUnexpectedEOF
	})
	server := httptest.NewServer(handler)
	response, err := http.Get(server.URL + "/x")
	if err == nil {
		_, err = io.ReadAll(response.Body)
		response.Body.Close()
	}
	server.Close() // the log is whole now
	if err == nil {
		t.Error("the answer looks whole")
	}
	if !strings.Contains(log.String(), "unexpected EOF") || !strings.Contains(log.String(), "msg=request") {
		t.Errorf("the log: %s", log)
	}
}
