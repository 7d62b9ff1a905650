package diff

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Whatever two texts are, their difference leads from one to the other.
func TestD15DifferencesAreComplete(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		passage := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "a b c d", "a b c e", "x y"}), 0, 6)
		was, now := passage.Draw(r, "was"), passage.Draw(r, "now")
		var before, after []string
		for _, s := range steps(was, now) {
			if s.was {
				before = append(before, s.text)
			}
			if s.now {
				after = append(after, s.text)
			}
		}
		if len(was)+len(before) > 0 && !reflect.DeepEqual(was, before) || len(now)+len(after) > 0 && !reflect.DeepEqual(now, after) {
			r.Fatalf("%q to %q by way of %q and %q", was, now, before, after)
		}
		if same := reflect.DeepEqual(was, now); same != (len(Changes(was, now)) == 0) {
			r.Fatalf("%q and %q: %v", was, now, Changes(was, now))
		}
	})
}
