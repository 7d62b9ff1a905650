package web

import (
	"net/http"
	"os"
	"regexp"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/duty"
)

// Every kind of duty leads to a page that the router has.
func TestEveryKindOfDutyHasAPage(t *testing.T) {
	source, err := os.ReadFile("../duty/duty.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`\w+ +Kind = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) < 40 || len(kinds) != len(dutyPaths) {
		t.Errorf("%d kinds, and ways for %d", len(kinds), len(dutyPaths))
	}
	mux := http.NewServeMux()
	for _, r := range everyRoute() {
		mux.Handle(r.pattern, http.NotFoundHandler())
	}
	f := housetest.Empty(t)
	root, _ := f.Units.Tree().Root()
	v := &visit{house: f.House}
	for _, kind := range kinds {
		d := duty.Duty{Kind: duty.Kind(kind[1]), Subject: int64(root.ID), Unit: root.ID}
		if dutyPaths[d.Kind] == nil {
			t.Errorf("%s leads nowhere", kind[1])
			continue
		}
		path := v.dutyPath(&d)
		request, err := http.NewRequest(http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, pattern := mux.Handler(request); pattern == everything {
			t.Errorf("%s leads to %s, which is no page", kind[1], path)
		}
	}
}
