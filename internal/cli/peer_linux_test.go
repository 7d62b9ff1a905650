package cli

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"kartotek/internal/app/housetest"
)

// Another user who reaches the socket is turned away by what the kernel knows
// of them. Only root can become another user, so only root can show it here.
func TestOtherUsersAreTurnedAway(t *testing.T) {
	dir, err := os.MkdirTemp("", "kartotek-socket-*") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	r := open(t, func(f *housetest.Fixture) { f.House.Config.Data = dir })
	for _, path := range []string{dir, r.path} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = 65534
	answered := make(chan []byte)
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine, and the other user with it
		if os.Geteuid() == 0 {
			if _, _, failed := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), nobody, ^uintptr(0)); failed != 0 {
				t.Error(failed)
			}
		}
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
		if err != nil {
			t.Error(err)
			answered <- nil
			return
		}
		defer conn.Close()
		body, _ := json.Marshal(request{Args: []string{"unit", "list"}})
		null, _ := os.Open(os.DevNull)
		defer null.Close()
		head := append([]byte(greeting), 0, 0, 0, byte(len(body)))
		_, _, _ = conn.WriteMsgUnix(append(head, body...), syscall.UnixRights(int(null.Fd()), int(null.Fd()), int(null.Fd())), nil)
		got, _ := io.ReadAll(conn)
		answered <- got
	}()
	got := <-answered
	if own := os.Geteuid() != 0; (len(got) > 0) != own {
		t.Errorf("answered %q", got)
	}
}
