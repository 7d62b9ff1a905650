//go:build !linux && !windows && !darwin

package app

import (
	"time"

	"kartotek/internal/retention"
)

// machine is what any other system knows of time: a clock that never jumps. Whether
// it goes on while the machine sleeps is not known, so that a sleep may be asked about.
func machine() *retention.Machine {
	begun := time.Now()
	return &retention.Machine{Uptime: func() time.Duration { return time.Since(begun) }}
}
