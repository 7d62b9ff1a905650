package bench

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"

	"kartotek/internal/app"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// start measures from nothing to searchable, beside reading and unsealing every
// profile alone; before it what is on the disk, after it what is resident.
func (r *run) start(ctx context.Context) error {
	floor, err := timed(func() error {
		return record.Scan(r.house.Records, ctx, member.Profiles, func(vault.PersonID, uint64, *member.Profile) error { return nil })
	})
	if err != nil {
		return err
	}
	if err := r.house.Close(); err != nil {
		return err
	}
	r.house = nil
	if err := r.disk(); err != nil { // now that the log is in the file
		return err
	}
	ours, err := timed(func() (err error) {
		r.house, err = app.Open(ctx, r.config)
		return err
	})
	if err != nil {
		return err
	}
	r.within("start", "s", ours/1000, floor/1000, 6)
	if now := resident(); now > r.before { // 0 where the system does not tell
		r.within("memory", "bytes", float64(now-r.before)/float64(r.Members), 0, 500)
	}
	return nil
}

// resident gives the bytes of the process that are in memory after a collection;
// 0 where the system does not tell.
func resident() uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// oneErased is how many are erased one by one.
const oneErased = 5

// erasure measures some persons from the second pair of eyes to gone, keys
// included, in the time of one durable write.
func (r *run) erasure(ctx context.Context) error {
	floor, err := r.durable()
	if err != nil {
		return err
	}
	var ours float64
	for i := range oneErased {
		took, err := r.eraseOne(ctx, i)
		if err != nil {
			return err
		}
		ours += took
	}
	r.against("erasure", "ms", ours/oneErased, floor, 20)
	return nil
}

// durable gives how long a page takes until it is on the disk.
func (r *run) durable() (ms float64, err error) {
	const times = 50
	file, err := os.OpenFile(filepath.Join(r.dir, "durable"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	page := make([]byte, 4096)
	for range times {
		took, err := timed(func() error {
			if _, err := file.Write(page); err != nil {
				return err
			}
			return file.Sync()
		})
		if err != nil {
			return 0, err
		}
		ms += took / times
	}
	return ms, nil
}
