package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/demo"
)

// people are those who act in the measurements.
type people struct {
	office  access.Actor // member service: the whole register
	second  access.Actor // a colleague, to confirm an erasure
	officer access.Actor // of one association
}

// build invents the federation. Its members come in by an import, which is
// measured meanwhile: it cannot be done twice.
func build(ctx context.Context, dir string, o Options) (*rig, error) {
	g := &rig{dir: dir}
	var began, ended time.Time
	g.config = app.Config{
		Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "http://localhost",
		Progress: func(stage string, done, total int) {
			switch {
			case stage == "members" && total > o.Members/2 && began.IsZero():
				began = time.Now()
			case stage == "boards" && ended.IsZero():
				ended = time.Now()
			}
			o.Progress(stage, done, total)
		},
	}
	house, logins, err := demo.Build(ctx, g.config, demo.Options{Members: o.Members, Charter: "party-dk", Seed: 1, Written: true})
	if err != nil {
		return nil, err
	}
	g.house, g.config.Demo, g.config.Progress = house, true, nil
	if began.IsZero() || ended.IsZero() {
		return g, fmt.Errorf("bench: the import did not tell when it began and ended")
	}
	g.importMS = millis(ended.Sub(began))
	for _, login := range logins {
		actor := access.Actor{Person: login.Person, Via: access.Console, OSUser: "bench"}
		switch {
		case login.Role == "secretariat" && g.people.office.Person == 0:
			g.people.office = actor
		case login.Role == "secretariat":
			g.people.second = actor
		case login.Role == "membership-officer":
			g.people.officer = actor
		}
	}
	return g, nil
}
