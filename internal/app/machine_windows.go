package app

import (
	"golang.org/x/sys/windows"

	"kartotek/internal/retention"
)

// machine is what Windows knows of time: how long it has been up, sleep included.
func machine() *retention.Machine {
	return &retention.Machine{Uptime: windows.DurationSinceBoot}
}
