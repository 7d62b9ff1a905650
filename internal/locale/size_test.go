package locale_test

import (
	"testing"

	"kartotek/internal/locale"
)

func TestSizes(t *testing.T) {
	da, en := locale.For("da"), locale.For("en")
	for bytes, want := range map[int64][2]string{
		0: {"0\u00a0B", "0\u00a0B"}, 999: {"999\u00a0B", "999\u00a0B"}, 1500: {"1,5\u00a0kB", "1.5\u00a0kB"},
		123_456_789: {"123\u00a0MB", "123\u00a0MB"}, 2_340_000_000: {"2,3\u00a0GB", "2.3\u00a0GB"},
	} {
		if got := [2]string{da.Size(bytes), en.Size(bytes)}; got != want {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}
