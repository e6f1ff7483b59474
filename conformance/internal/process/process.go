// Package process runs a command that reads one document on standard input and writes one on
// standard output. Package provision talks to provisioners with it.
package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	// quietPeriod is how long nothing more has to come from a pipe that is held open after the
	// process has ended, where what came is complete.
	quietPeriod = 20 * time.Millisecond
	// quietPatience is the same where it is not complete, and how long standard input is waited
	// for.
	quietPatience = time.Second
)

// Output is what a process wrote before it ended: the first bytes, up to a limit.
type Output struct {
	Stdout, Stderr []byte
	Cut            bool // Stdout was longer
}

// Run starts a command, writes its input, and returns what it wrote when it has ended, with so many
// bytes of standard output and standard error at most. What the process started may live on with
// its pipes: that is not waited for once a whole JSON object has come.
//
// The error is that of starting it, its exit status, or the context's.
func Run(ctx context.Context, words []string, input []byte, maxStdout, maxStderr int) (Output, error) {
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.WaitDelay = quietPatience // for standard input that nobody reads
	command.Stdin = bytes.NewReader(input)
	stdout, err := readPipe(maxStdout)
	if err != nil {
		return Output{}, err
	}
	defer stdout.close()
	stderr, err := readPipe(maxStderr)
	if err != nil {
		return Output{}, err
	}
	defer stderr.close()
	command.Stdout, command.Stderr = stdout.writer, stderr.writer
	err = command.Start()
	stdout.writer.Close() // the process has its own
	stderr.writer.Close()
	if err != nil {
		return Output{}, err
	}
	if err = command.Wait(); errors.Is(err, exec.ErrWaitDelay) {
		err = nil // its exit status is 0
	}
	var out Output
	complete := func(text []byte) bool {
		text = bytes.TrimSpace(text)
		return len(text) > 0 && text[0] == '{' && json.Valid(text)
	}
	out.Stdout, out.Cut = stdout.settle(ctx, complete)
	// Standard error is for people, and read only where something is wrong.
	out.Stderr, _ = stderr.settle(ctx, func([]byte) bool { return true })
	return out, err
}

// pipe reads what a process writes. It keeps the first bytes and drops the rest.
type pipe struct {
	reader, writer *os.File
	limit          int

	mu    sync.Mutex
	kept  []byte
	cut   bool
	moved chan struct{} // holds an element after something came
	ended chan struct{} // closed when nobody holds the other end any more
}

// readPipe opens a pipe and begins to read it.
func readPipe(limit int) (*pipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &pipe{reader: r, writer: w, limit: limit, moved: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		io.Copy(p, r) // an error means that it was closed
	}()
	return p, nil
}

// Write keeps what was read.
func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	room := min(p.limit-len(p.kept), len(b))
	p.cut = p.cut || room < len(b)
	p.kept = append(p.kept, b[:room]...)
	p.mu.Unlock()
	select {
	case p.moved <- struct{}{}:
	default:
	}
	return len(b), nil
}

// settle returns what came, after the process has ended: when everybody has closed the pipe, or
// nothing more came for a while, which is short where what came is complete.
func (p *pipe) settle(ctx context.Context, complete func([]byte) bool) (kept []byte, cut bool) {
	for {
		select { // mostly that is all
		case <-p.ended:
			return p.now()
		default:
		}
		patience := quietPatience
		if kept, _ := p.now(); complete(kept) {
			patience = quietPeriod
		}
		quiet := time.NewTimer(patience)
		select {
		case <-p.ended:
		case <-p.moved:
			quiet.Stop()
			continue
		case <-quiet.C:
		case <-ctx.Done():
		}
		quiet.Stop()
		return p.now()
	}
}

func (p *pipe) now() ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.kept), p.cut
}

// close stops reading.
func (p *pipe) close() {
	p.writer.Close() // an error means that it is closed already
	p.reader.Close()
}
