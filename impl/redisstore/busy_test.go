package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// untilDeadline is a context that only its deadline ends.
type untilDeadline struct{ context.Context }

func (untilDeadline) EndsByDeadline() {}

// TestRedisBusy deletes while Redis is busy, and gives most of it up: what certainly was
// not sent never happens, also not when Redis is free again, and what is told to have
// happened did, once. One caller is alone at first, and sends its script itself.
func TestRedisBusy(t *testing.T) {
	t.Parallel()
	const patient, hasty = 10, 30
	server := redistest.Own(t)
	client := server.Client(t)
	sent := new(scriptCounter)
	client.AddHook(sent)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, patient+hasty+1)
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_known"), testOrganization, trackID(patient+hasty)), 0) // its script is known now
	sent.count.Store(0)

	server.Suspend(t)
	results := make([]error, patient+hasty)
	var done sync.WaitGroup
	var over atomic.Int64
	start := func(ctx context.Context, n int) {
		done.Go(func() {
			results[n] = store.Delete(ctx, creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n))
			over.Add(1)
		})
	}
	waiting, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start(untilDeadline{waiting}, 0)
	eventually(t, "the first is on its way", func() bool { return sent.count.Load() == 1 })
	for n := 1; n < patient; n++ {
		start(untilDeadline{waiting}, n)
	}
	eventually(t, "both workers are busy", func() bool { return sent.count.Load() >= 3 })
	leaving, leave := context.WithCancel(t.Context())
	for n := patient; n < patient+hasty; n++ {
		start(leaving, n)
	}
	leave()
	eventually(t, "the hasty are gone", func() bool { return over.Load() == hasty })
	server.Resume(t)
	done.Wait()
	store.Close() // what was sent is over then

	after := storeOn(t, server.Client(t), redisstore.WithoutSweeping())
	notSent := 0
	for n, err := range results {
		deleted := deletions(t, after, trackID(n))
		switch {
		case n < patient && (err != nil || deleted != 1):
			t.Errorf("patient caller %d: %v, and %d deletions", n, err, deleted)
		case n >= patient && !errors.Is(err, context.Canceled):
			t.Errorf("hasty caller %d: %v", n, err)
		case err != nil && strings.Contains(err.Error(), "not sent"):
			if notSent++; deleted != 0 {
				t.Errorf("caller %d: %v, and yet it happened", n, err)
			}
		}
	}
	if notSent == 0 {
		t.Error("everything was sent, although Redis read nothing")
	}
}

// TestDeadlinePassed: a request whose time is up before it is sent is not sent, by a
// caller who is alone either.
func TestDeadlinePassed(t *testing.T) {
	t.Parallel()
	client := redistest.Own(t).Client(t)
	sent := new(scriptCounter)
	client.AddHook(sent)
	store := storeOn(t, client)
	fill(t, store, 1)
	sent.count.Store(0)
	over, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for what, ctx := range map[string]context.Context{"alone": untilDeadline{over}, "in the queue": over} {
		err := store.Delete(ctx, creatorCall("req_"+what), testOrganization, trackID(0))
		want(t, what, err, track.Unavailable)
		if !strings.Contains(err.Error(), "not sent") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := sent.count.Load(); n != 0 {
		t.Errorf("%d scripts were sent", n)
	}
}

// scriptCounter is a hook that counts scripts about to be sent by name.
type scriptCounter struct{ count atomic.Int64 }

func (c *scriptCounter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *scriptCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		if command.Name() == "evalsha" {
			c.count.Add(1)
		}
		return next(ctx, command)
	}
}

func (c *scriptCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		for _, command := range commands {
			if command.Name() == "evalsha" {
				c.count.Add(1)
			}
		}
		return next(ctx, commands)
	}
}
