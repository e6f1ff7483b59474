package terminal

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// openTerminal returns a pseudo-terminal of this many columns.
func openTerminal(t *testing.T, columns uint16) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		testenv.Missing(t, "no pseudo-terminals here: %v; mount devpts on /dev/pts", err)
	}
	t.Cleanup(func() { master.Close() })
	control := func(request uintptr, argument unsafe.Pointer) {
		t.Helper()
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(argument)); errno != 0 {
			t.Fatal(errno)
		}
	}
	var locked, number int32
	control(syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	control(syscall.TIOCGPTN, unsafe.Pointer(&number))
	size := [4]uint16{24, columns}
	control(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	file, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		testenv.Missing(t, "no pseudo-terminals here: %v; mount devpts on /dev/pts", err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func TestEscapes_Terminal(t *testing.T) {
	t.Parallel()
	file := openTerminal(t, 100)
	for name, row := range map[string]struct {
		variables map[string]string
		want      bool
	}{
		"plain":          {nil, true},
		"xterm":          {map[string]string{"TERM": "xterm"}, true},
		"dumb":           {map[string]string{"TERM": "dumb"}, false},
		"NO_COLOR":       {map[string]string{"NO_COLOR": "1"}, false},
		"empty NO_COLOR": {map[string]string{"NO_COLOR": ""}, true},
	} {
		getenv := func(variable string) string { return row.variables[variable] }
		if got := Escapes(file, getenv); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
		if got := NewProgress(file, getenv, time.Now, Interval{}).Overwrites(); got != row.want {
			t.Errorf("%s: overwrites: %v, want %v", name, got, row.want)
		}
	}
	if got := width(file); got != 100 {
		t.Errorf("width %d, want 100", got)
	}
	if got := width(openTerminal(t, 0)); got != usualWidth {
		t.Errorf("width of a terminal that says 0: %d, want %d", got, usualWidth)
	}
}
