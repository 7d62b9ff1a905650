package app

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"kartotek/internal/retention"
)

// machine is what Linux knows of time: a clock that also counts sleep, the name of
// this start, and whether a time service keeps the clock. Setting the clock by hand
// takes that word away until the service has looked again.
func machine() *retention.Machine {
	if _, err := uptime(); err != nil {
		return nil
	}
	m := &retention.Machine{
		Uptime: func() time.Duration { up, _ := uptime(); return up },
		Synced: func() bool {
			var state unix.Timex
			_, err := unix.Adjtimex(&state)
			return err == nil && state.Status&unix.STA_UNSYNC == 0
		},
	}
	if name, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		digest := sha256.Sum256(name)
		m.Boot = hex.EncodeToString(digest[:8])
	}
	return m
}

func uptime() (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano()), err
}
