package main

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// What is no file is an error at once, wherever a document can be named: nobody waits for
// a pipe that nobody writes to, or reads a device that never ends.
func TestRun_NoFile(t *testing.T) {
	testenv.POSIX(t)
	dir := t.TempDir()
	pipe, socket, contract := filepath.Join(dir, "pipe.yaml"), filepath.Join(dir, "s"), filepath.Join(dir, "api.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.WriteFile(contract, openapi.Music, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{pipe: "no regular file", socket: "no regular file", "/dev/zero": "no regular file", dir: "is a directory"}
	if info, err := os.Stat("/proc/kmsg"); err == nil && info.Mode().IsRegular() {
		tests["/proc/kmsg"] = "/proc/kmsg: " // empty, or nothing for this user
	}
	for name, want := range tests {
		for _, args := range [][]string{{"check", name}, {"diff", name, contract}, {"diff", contract, name}} {
			got := execute(t, args...)
			if got.code != exitUnusable || !strings.Contains(got.stderr, want) {
				t.Errorf("%q: exit status %d\n%s", args, got.code, got.stderr)
			}
		}
		if strings.HasPrefix(name, dir) && name != dir {
			text := "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {$ref: '" + filepath.Base(name) + "'}}\n"
			referring := filepath.Join(dir, "refers.yaml")
			if err := os.WriteFile(referring, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := execute(t, "check", referring); got.code != exitFindings || !strings.Contains(got.stdout, want) {
				t.Errorf("a reference to %s: exit status %d\n%s", name, got.code, got.stdout)
			}
		}
	}
}

// A pipe that a shell made is read, as it was meant to be.
func TestRun_ShellPipe(t *testing.T) {
	testenv.POSIX(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		defer w.Close()
		_, _ = w.Write(openapi.Music)
	}()
	name := "/dev/fd/" + strconv.Itoa(int(r.Fd()))
	if got := execute(t, "check", name); got.code != exitClean {
		t.Errorf("exit status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// Work that goes beyond a limit ends with a finding, or with an error that names the flag.
func TestRun_Limits(t *testing.T) {
	const contract = "../../openapi/music.yaml"
	for _, tt := range []struct {
		args   []string
		code   int
		output string
	}{
		{[]string{"check", "--max-memory", "1B", contract}, exitFindings, "more than 0 MiB of memory [check-unfinished]"},
		{[]string{"diff", "--max-memory", "1B", contract, contract}, exitUnusable, "cannot be compared: it takes more than 0 MiB of memory (--max-memory)"},
		{[]string{"check", "--max-time", "0s", contract}, exitUnusable, "give a time such as 90s"},
		{[]string{"check", "--max-time", "soon", contract}, exitUnusable, "give a time such as 90s"},
		{[]string{"check", "--max-time", "5m", contract}, exitClean, "no findings"},
	} {
		runtime.GC() // memory is what the last collection found in use
		if got := execute(t, tt.args...); got.code != tt.code || !strings.Contains(got.stdout+got.stderr, tt.output) {
			t.Errorf("%q: exit status %d\n%s%s", tt.args, got.code, got.stdout, got.stderr)
		}
	}
}
