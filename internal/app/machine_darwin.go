package app

import (
	"time"

	"golang.org/x/sys/unix"

	"kartotek/internal/retention"
)

// machine is what macOS knows of time: its monotonic clock goes on while it sleeps.
func machine() *retention.Machine {
	return &retention.Machine{Uptime: func() time.Duration {
		var t unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // never fails for this clock
		return time.Duration(t.Nano())
	}}
}
