package audit

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/vault"
)

// N13: whatever officers answer, take back and leave, and whoever goes meanwhile, every
// member of the roll is in exactly one state, and nobody is added to it or taken off.
func TestN13EveryMemberEndsInOneState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 30).Draw(t, "members")
		var all roll
		for i := range size {
			all = append(all, entry{person: vault.PersonID(100 + i)})
		}
		gone := map[vault.PersonID]bool{}
		now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
		for range rapid.IntRange(0, 80).Draw(t, "acts") {
			at := rapid.IntRange(0, size-1).Draw(t, "whom")
			before, by := all[at], vault.PersonID(rapid.IntRange(1, 3).Draw(t, "officer"))
			now = now.Add(time.Second)
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				to := rapid.SampledFrom([]State{Here, Left, Wrong}).Draw(t, "answer")
				err := all.mark(at, to, by, now, 0)
				if (err == nil) != (before.state == Waiting) || err == nil && all[at].state != to || err != nil && all[at] != before {
					t.Fatalf("%v answered %v: %v, %v", before, to, all[at], err)
				}
				if err == nil && all.last(by) != at {
					t.Fatalf("what was answered last is not what can be taken back")
				}
			case 1:
				if err := all.undo(at); err == nil && all[at].state != Waiting {
					t.Fatalf("undone and yet %v", all[at])
				}
			case 2:
				gone[all[at].person] = !gone[all[at].person]
			case 3:
				all.leave(func(person vault.PersonID) bool { return !gone[person] })
			}
			if next := all.next(func(vault.PersonID) bool { return false }); next >= 0 && all[next].state != Waiting {
				t.Fatalf("asks about %v", all[next])
			}
			counts := all.counts()
			if counts.Members() != size {
				t.Fatalf("%d on a roll of %d", counts.Members(), size)
			}
		}
		again, err := decode(all.encode())
		if err != nil || len(again) != size {
			t.Fatalf("%d of %d, %v", len(again), size, err)
		}
		for i := range all {
			if again[i].person != all[i].person || again[i].state != all[i].state || again[i].by != all[i].by || !again[i].at.Equal(all[i].at) {
				t.Fatalf("%v became %v", all[i], again[i])
			}
		}
		all.fall()
		if counts := all.counts(); counts[Waiting] != 0 || counts.Members() != size {
			t.Fatalf("somebody is left without a state: %v", counts)
		}
	})
}

// FuzzRoll: bytes that are no roll are refused, and never more.
func FuzzRoll(f *testing.F) {
	f.Add(roll{{person: 7, state: Left, by: 3, at: time.UnixMicro(1).UTC(), matter: 4}}.encode())
	f.Fuzz(func(t *testing.T, src []byte) {
		if all, err := decode(src); err == nil {
			all.counts()
		}
	})
}

// N13: what the register knows stands, whatever was answered.
func TestN13AFactCannotBeAnsweredOtherwise(t *testing.T) {
	for _, c := range []struct {
		check Check
		want  string
	}{
		{Check{Fact: Fact{Known: true, Holds: true}, Answer: No}, Yes},
		{Check{Fact: Fact{Known: true}, Answer: Yes}, No},
		{Check{Answer: Yes}, Yes},
		{Check{}, ""},
	} {
		if got := c.check.Holds(); got != c.want {
			t.Errorf("%+v: %q", c.check, got)
		}
	}
}
