package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// aheadRegistry is a registry that notes what is done with each batch, by its
// first line. The first two batches are stored only when the next one was
// prepared.
type aheadRegistry struct {
	record.Preparer
	fail int // the number, from 1, of the Store that fails
	gone bool
	next [4]chan struct{} // the n-th is closed when the batch behind the n-th was prepared
	did  chan string      // what was done
}

func newAhead(r record.Preparer, fail int, gone bool) *aheadRegistry {
	a := &aheadRegistry{Preparer: r, fail: fail, gone: gone, did: make(chan string, 1000)}
	for n := range a.next {
		a.next[n] = make(chan struct{})
	}
	return a
}

type aheadBatch struct {
	record.Prepared
	registry *aheadRegistry
	name     string
	number   int
}

func nameOf(records []record.Record) string {
	if len(records) > 0 && records[0].User != nil {
		return string(records[0].User.ID)
	}
	return "organization"
}

func (a *aheadRegistry) Prepare(ctx context.Context, records []record.Record, after record.Prepared) (record.Prepared, error) {
	number := 1
	if before, ok := after.(*aheadBatch); ok {
		after, number = before.Prepared, before.number+1
	}
	prepared, err := a.Preparer.Prepare(ctx, records, after)
	a.did <- "prepare " + nameOf(records)
	close(a.next[number-1])
	if err != nil {
		return nil, err
	}
	return &aheadBatch{prepared, a, nameOf(records), number}, nil
}

func (b *aheadBatch) Store(ctx context.Context) error {
	if b.number <= 2 {
		select {
		case <-b.registry.next[b.number]:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if b.number == b.registry.fail {
		b.registry.did <- "fail " + b.name
		return &track.Error{Code: track.Unavailable, Err: io.ErrUnexpectedEOF}
	}
	err := b.Prepared.Store(ctx)
	b.registry.did <- "store " + b.name
	return err
}

func (a *aheadRegistry) Apply(ctx context.Context, records []record.Record) error {
	a.did <- "apply " + nameOf(records)
	if a.gone {
		return &track.Error{Code: track.Unavailable, Err: io.ErrUnexpectedEOF}
	}
	return a.Preparer.Apply(ctx, records)
}

// TestImport_Ahead: a batch is prepared while the one before it is stored, and
// stored only when that is; where that fails, it is not stored, or both are by
// other means, in their order.
func TestImport_Ahead(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`{"organization":{"id":"org_1"}}` + "\n")
	for n := range 7 { // in batches of two
		fmt.Fprintf(&text, `{"user":{"id":"user_%d","member_of":["org_1"]}}`+"\n", n)
	}
	for _, row := range []struct {
		what   string
		fail   int
		gone   bool
		did    []string
		stored int // users
	}{
		{"nothing fails", 0, false, []string{
			"prepare organization", "prepare user_1", "store organization", "prepare user_3", "store user_1", "store user_3", "apply user_5",
		}, 7},
		{"the second fails once", 2, false, []string{
			"prepare organization", "prepare user_1", "store organization", "prepare user_3", "fail user_1", "apply user_1", "apply user_3", "apply user_5",
		}, 7},
		{"the second fails for good", 2, true, []string{
			"prepare organization", "prepare user_1", "store organization", "prepare user_3", "fail user_1", "apply user_1",
		}, 1},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			redis := embedded.Open()
			defer redis.Close()
			r := registry.New(redis.Client())
			ahead := newAhead(r, row.fail, row.gone)
			var told bytes.Buffer
			i := &importer{
				registry: ahead, reader: record.NewReader(strings.NewReader(text.String())), name: "x",
				progress: newProgress(&told, os.Getenv, time.Now), batchMax: 2,
			}
			err := i.run(t.Context())
			if gone := track.CodeOf(err) == track.Unavailable; gone != row.gone || !gone && err != nil {
				t.Errorf("run: %v", err)
			}
			if row.gone && !strings.Contains(told.String(), "stopped before line 3; import the file again") {
				t.Errorf("told %q", told.String())
			}
			close(ahead.did)
			var did []string
			for one := range ahead.did {
				did = append(did, one)
			}
			if !slices.Equal(did, row.did) {
				t.Errorf("did\n%q, want\n%q", did, row.did)
			}
			users := 0
			if err := r.Export(t.Context(), func(one record.Record) error {
				if one.User != nil {
					users++
				}
				return nil
			}); err != nil || users != row.stored {
				t.Errorf("%d users are stored, %v; want %d", users, err, row.stored)
			}
		})
	}
}

// TestImport_AheadOfBadLine: what stands before a line that is refused is
// stored, and nothing of what stands behind it.
func TestImport_AheadOfBadLine(t *testing.T) {
	t.Parallel()
	redis := embedded.Open()
	defer redis.Close()
	text := `{"organization":{"id":"org_1"}}` + "\n"
	for n := range 20 {
		home := "org_1"
		if n == 11 {
			home = "org_2"
		}
		text += fmt.Sprintf(`{"user":{"id":"user_%d","member_of":["%s"]}}`+"\n", n, home)
	}
	r := registry.New(redis.Client())
	var told bytes.Buffer
	i := &importer{
		registry: r, reader: record.NewReader(strings.NewReader(text)), name: "x",
		progress: newProgress(&told, os.Getenv, time.Now), batchMax: 4,
	}
	if err := i.run(t.Context()); !errors.Is(err, errReported) || i.stored != 12 {
		t.Errorf("run: %v; %d stored, want 12", err, i.stored)
	}
	if !strings.Contains(told.String(), "line 13:") {
		t.Errorf("told %q", told.String())
	}
	users := 0
	if err := r.Export(t.Context(), func(one record.Record) error {
		if one.User != nil {
			users++
		}
		return nil
	}); err != nil || users != 11 {
		t.Errorf("%d users are stored, %v; want 11", users, err)
	}
}
