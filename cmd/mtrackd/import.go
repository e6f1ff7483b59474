package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/heap"
	"github.com/seed-5ec2a705/mtrack/impl/record"
)

const importAbout = `Store the records of FILE, or of standard input if FILE is -: one JSON object per line, as export
writes them. The records are organizations, users with their keys, tracks, saves and events. A
record must come after the records that it refers to: a save after its user and its track.

An import can be repeated: records that are stored already stay as they are, and nothing that
happened since is undone. If an import fails, fix the cause and import the same file again.

A line that cannot be stored is reported with its number, nothing of it is stored, and the import
stops there; everything before it is stored. With --skip-bad it goes on to the end and reports all
such lines. Exit status: 0 if every line is stored, 1 if one is not.`

// Bounds of what is stored at once, but for events, which go with the track
// that they follow. A batch in which a record is refused is looked at again in
// smaller ones, so that many bad lines cost little.
const (
	importBatchMax = 4096
	importBatchMin = 64
)

// importHeap is how large the heap may be before it is collected: a batch is soon garbage, and
// little is in use beside two of them.
const importHeap = 128 << 20

// importCommand stores the records of a file.
func importCommand() command.Command {
	return command.Command{
		Name: "import", Syntax: "FILE.jsonl|-", Summary: "store the records of a file", About: importAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			url := registryFlag(flags)
			skipBad := flags.Bool("skip-bad", false, "go on after a line that cannot be stored")
			return func(ctx context.Context, env command.Environment, args []string) error {
				if len(args) != 1 {
					return command.Misused("want one file, or - for standard input")
				}
				source, size, err := openSource(env.Stdin, args[0])
				if err != nil {
					return err
				}
				defer source.Close()
				heap.AtLeast(importHeap)
				return withRegistry(ctx, env, url, func(registry record.Registry) error {
					i := &importer{
						registry: registry,
						reader:   record.NewReader(source),
						name:     args[0],
						size:     size,
						skipBad:  *skipBad,
						progress: newProgress(env.Stderr, env.Getenv, time.Now),
						batchMax: importBatchMax,
					}
					return i.run(ctx)
				})
			}
		},
	}
}

// openSource opens a file to be read, stdin where its name is "-"; its size is
// 0 where that is unknown.
func openSource(stdin io.Reader, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(stdin), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory", name)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// importer brings the lines of a file into the registry, in batches.
type importer struct {
	registry record.Registry
	reader   *record.Reader
	name     string
	size     int64 // of the file; 0: unknown
	skipBad  bool
	progress *progress

	batchMax int
	batch    []record.Record
	lines    []int // where each record of the batch stands
	read     int64 // bytes, up to the last record of the batch
	stored   int   // records
	bad      int   // lines

	ahead  record.Preparer // the registry, where it is one; nil otherwise
	flight *flight         // the batch that is being stored; nil: none
}

// flight is a batch that is being stored while the next one is prepared.
type flight struct {
	prepared record.Prepared
	batch    []record.Record
	lines    []int
	done     chan error // receives how it ended
}

// run imports everything. It has reported bad lines when it fails with
// errReported.
func (i *importer) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer i.wait() // where it ended with an error
	defer stop()
	i.ahead, _ = i.registry.(record.Preparer)
	for next := range i.readAhead(ctx) {
		err := next.err
		if bad, ok := errors.AsType[*record.LineError](err); ok {
			// First what stands before it, so that lines are refused in order.
			if err := i.flush(ctx); err != nil {
				return err
			}
			if err := i.refuse(bad); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot read %s after line %d: %w", i.name, next.number, err)
		}
		if len(i.batch) >= i.batchMax && (next.record.Event == nil || len(i.batch) >= 4*i.batchMax) {
			if err := i.advance(ctx); err != nil {
				return err
			}
		}
		i.batch, i.lines, i.read = append(i.batch, next.record), append(i.lines, next.number), next.bytes
	}
	if err := i.flush(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err() // interrupted: there may be more to read
	}
	i.progress.line(fmt.Sprintf("%s: %s records stored or there already, %s", i.name, grouped(i.stored), i.progress.rate(i.stored)))
	if i.bad > 0 {
		i.progress.line(fmt.Sprintf("%s: %s lines were NOT stored, see above; put them right and import the file again", i.name, grouped(i.bad)))
		return errReported
	}
	return nil
}

// line is a line of the file, or why it cannot be a record.
type line struct {
	record record.Record
	err    error
	number int
	bytes  int64 // of the file up to here
}

// readAhead reads the lines while others are being stored. It ends after the
// last line, or where the file cannot be read or the context ends.
func (i *importer) readAhead(ctx context.Context) iter.Seq[line] {
	const together = 256
	chunks := make(chan []line, 2*importBatchMax/together)
	go func() {
		defer close(chunks)
		var chunk []line
		for more := true; more; {
			next, err := i.reader.Next()
			_, bad := errors.AsType[*record.LineError](err)
			more = err == nil || bad
			if err != io.EOF {
				chunk = append(chunk, line{next, err, i.reader.Line(), i.reader.Bytes()})
			}
			if len(chunk) < together && more {
				continue
			}
			select {
			case chunks <- chunk:
				chunk = make([]line, 0, together)
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(yield func(line) bool) {
		for chunk := range chunks {
			for _, l := range chunk {
				if !yield(l) {
					return
				}
			}
		}
	}
}

// advance begins to store the batch, once the one before it is stored; until
// then it is prepared. Where either is not as simple as that, it is left to
// flush: nothing is stored before what stands before it.
func (i *importer) advance(ctx context.Context) error {
	if i.ahead == nil {
		return i.flush(ctx)
	}
	var after record.Prepared
	if i.flight != nil {
		after = i.flight.prepared
	}
	prepared, err := i.ahead.Prepare(ctx, i.batch, after)
	if err != nil {
		return i.flush(ctx) // which says what is wrong, if anything still is
	}
	if plain, err := i.settle(ctx); err != nil {
		return err
	} else if !plain {
		return i.flush(ctx) // what it was prepared after is not what there is
	}
	f := &flight{prepared, i.batch, i.lines, make(chan error, 1)}
	go func() { f.done <- prepared.Store(ctx) }()
	i.flight, i.batch, i.lines = f, nil, nil
	return nil
}

// settle waits until the batch before is stored, or stores it by other means.
// Plain says that those were not needed.
func (i *importer) settle(ctx context.Context) (plain bool, err error) {
	f := i.flight
	if f == nil {
		return true, nil
	}
	if i.wait() == nil {
		i.count(len(f.batch))
		return true, nil
	}
	batch, lines := i.batch, i.lines
	i.batch, i.lines = f.batch, f.lines
	err = i.flush(ctx)
	i.batch, i.lines = batch, lines
	return false, err
}

// wait waits until no batch is being stored, and returns how the last one ended.
func (i *importer) wait() error {
	f := i.flight
	if f == nil {
		return nil
	}
	i.flight = nil
	return <-f.done
}

// count notes that records were stored.
func (i *importer) count(records int) {
	i.stored += records
	i.progress.show(i.stored, "records", i.progressPrefix())
}

// flush stores the batch, passing over bad records or stopping at the first.
func (i *importer) flush(ctx context.Context) error {
	if _, err := i.settle(ctx); err != nil {
		return err
	}
	size := i.batchMax
	var bad *record.LineError // a line ahead that is known to be bad
	for len(i.batch) > 0 {
		if bad != nil && bad.Line == i.lines[0] {
			if err := i.refuse(bad); err != nil {
				return err
			}
			i.drop(1)
			bad, size = nil, importBatchMin // bad lines seldom come alone
			continue
		}
		n := min(size, len(i.batch))
		for bad == nil && n < len(i.batch) && i.batch[n].Event != nil {
			n++ // a track becomes visible together with the events behind it
		}
		err := i.registry.Apply(ctx, i.batch[:n])
		if refused, ok := errors.AsType[*record.Error](err); ok {
			// The next round stores what stands before it, if anything.
			bad = &record.LineError{Line: i.lines[refused.Index], Reason: refused.Reason}
			size = refused.Index
			continue
		}
		if err != nil {
			i.progress.line(fmt.Sprintf("%s: stopped before line %d; import the file again to go on", i.name, i.lines[0]))
			return err
		}
		i.drop(n)
		size = min(i.batchMax, max(importBatchMin, size*2))
		i.count(n)
	}
	i.batch, i.lines = i.batch[:0], i.lines[:0]
	return nil
}

func (i *importer) drop(n int) { i.batch, i.lines = i.batch[n:], i.lines[n:] }

// refuse tells of a bad line; the error says whether that is the end.
func (i *importer) refuse(bad *record.LineError) error {
	i.bad++
	i.progress.line(fmt.Sprintf("%s: %v", i.name, bad))
	if i.skipBad {
		return nil
	}
	i.progress.line(fmt.Sprintf("%s: stopped there; the %s records before it are stored. Put the line right and import the file again, "+
		"or pass --skip-bad to go on without such lines", i.name, grouped(i.stored)))
	return errReported
}

// progressPrefix is how far into the file the import has come.
func (i *importer) progressPrefix() string {
	if i.size == 0 {
		return ""
	}
	return fmt.Sprintf("%d%%, ", min(100, i.read*100/i.size))
}
