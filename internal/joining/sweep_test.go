package joining_test

import "kartotek/internal/app/housetest"

// sweep does what the scheduled work and the rule of retention do.
func sweep(f *housetest.Fixture) {
	f.Must(f.Joining.Work(f.Context()))
	_, err := f.Joining.End(f.Context(), f.Clock.Now())
	f.Must(err)
}
