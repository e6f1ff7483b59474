// Package process runs other programs for measurements: each in a group of its own, with its address,
// processor time and memory, and redis-server among them.
package process

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// How long a program may take to start, and to end by itself.
const (
	startTime = 30 * time.Second
	endTime   = 5 * time.Second
)

// Process is a program that was started here, and its children. Its methods may be called at once.
type Process struct {
	command *exec.Cmd
	errors  bytes.Buffer
	done    chan struct{}
	end     func()
}

// Start starts a program. It leads a group of its own, so that its children end with it. What it
// writes to standard error is kept, unless the command says where it goes.
func Start(command *exec.Cmd) (*Process, error) {
	p := &Process{command: command, done: make(chan struct{})}
	if command.Stderr == nil {
		command.Stderr = &p.errors
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		command.Wait() // what it says is known when it was to end, and told when it was not
		close(p.done)
	}()
	p.end = sync.OnceFunc(func() {
		syscall.Kill(-command.Process.Pid, syscall.SIGCONT) // who is stopped does not hear that it shall end
		syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(endTime):
			syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			<-p.done
		}
	})
	return p, nil
}

// End tells the program to end, and kills it if it does not in time. It may be called twice.
func (p *Process) End() { p.end() }

// Signal sends a signal to the program and its children.
func (p *Process) Signal(s syscall.Signal) error { return syscall.Kill(-p.command.Process.Pid, s) }

// Kill ends the program as a crash would, and returns when it has ended.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL) // an error means that it has ended already
	<-p.done
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode returns the exit status, -1 where a signal ended the program. Only after Done.
func (p *Process) ExitCode() int { return p.command.ProcessState.ExitCode() }

// Memory returns the resident memory of the program, in bytes; 0 where the system does not say.
func (p *Process) Memory() int64 {
	statm, _ := os.ReadFile("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/statm")
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		return pages * int64(os.Getpagesize())
	}
	return 0
}

// Await waits until something listens at the address.
func (p *Process) Await(ctx context.Context, address string) error {
	deadline := time.Now().Add(startTime)
	for {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended at its start:\n%s", p.command.Path, p.errors.String())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not listen at %s after %v", p.command.Path, address, startTime)
		}
	}
}

// CPU returns the processor time that the group used so far, 0 where the system does not say.
func (p *Process) CPU() time.Duration {
	entries, _ := os.ReadDir("/proc")
	var ticks int
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + entry.Name() + "/stat")
		if err != nil {
			continue
		}
		// The name, in brackets, may hold anything; after it come state, parent, group, and the
		// times as the 12th and 13th.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 12 && fields[2] == strconv.Itoa(p.command.Process.Pid) {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			ticks += user + system
		}
	}
	return time.Duration(ticks) * (time.Second / 100)
}

// FreeAddress returns an address of this machine at which nothing listens.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
