package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// fault is something that goes wrong while callers are at work.
type fault struct {
	name, done string
	stage      func(context.Context, settings) (*stage, error)
	quick      int // rounds of a quick run
	limit      time.Duration
	// reads: a read is a success too. While a replica that must confirm is missing, no delete
	// can be.
	reads bool
	// seamless: no caller may notice.
	seamless bool
	// long is how many times as many tracks the callers need, as it takes so long; 0: once.
	long int
	// restarts: the server itself is killed, so that its memory says nothing.
	restarts bool
	// strike does it, and returns when all was well again.
	strike func(context.Context, *round) (back time.Time, err error)
}

// Limits of what is promised: after Redis is back, and after a failover.
const (
	afterReturn   = 200 * time.Millisecond
	afterFailover = 5 * time.Second
)

// What is on its way when replies come through again: the slowest reply, and a reply for which
// the server waits until its time for one is over.
const (
	slowest = 450 * time.Millisecond
	deaf    = 500 * time.Millisecond
)

func single(ctx context.Context, s settings) (*stage, error) { return newStage(ctx, s) }

// draining is how long a server that is told to end still takes requests.
const draining = 600 * time.Millisecond

func faults() []fault {
	all := []fault{
		{name: "redis-killed", done: "kill -9 of Redis, started again after up to 1 s", quick: 2, limit: afterReturn, strike: killRedis},
		{name: "paused-1s", done: "Redis stopped for 1 s (SIGSTOP)", quick: 1, limit: afterReturn, strike: pauseRedis(time.Second)},
		{name: "paused-8s", done: "Redis stopped for 8 s", limit: afterReturn, strike: pauseRedis(8 * time.Second)},
		{name: "paused-30s", done: "Redis stopped for 30 s", limit: afterReturn, strike: pauseRedis(30 * time.Second)},
		{name: "connections-cut", done: "every connection to Redis cut, and new ones, for up to 0.5 s", quick: 1, limit: afterReturn, strike: loseReplies(cut)},
		{name: "reply-reset", done: "reset instead of a reply, after execution: of 10, 50 or 100 in a hundred", quick: 2, limit: afterReturn, strike: loseReplies(reset)},
		{name: "reply-half", done: "half a reply, then a reset", quick: 1, limit: afterReturn, strike: loseReplies(half)},
		{name: "reply-hole", done: "no reply and no end (black hole)", quick: 1, limit: afterReturn + deaf, strike: loseReplies(hole)},
		{name: "reply-slow", done: "replies 50 to 450 ms late", quick: 1, limit: afterReturn + slowest, strike: loseReplies(slow)},
		{name: "script-flush", done: "SCRIPT FLUSH, 20 times within 0.4 s", quick: 1, limit: afterReturn, seamless: true, strike: flushScripts},
		{name: "out-of-memory", done: "no memory left (maxmemory, noeviction)", quick: 1, limit: afterReturn, strike: runOutOfMemory},
		{name: "misconf", done: "Redis cannot save (MISCONF)", quick: 1, limit: afterReturn, strike: failToSave},
		{name: "password", done: "another password, and back", quick: 1, limit: afterReturn, strike: changePassword},
		{name: "client-kill", done: "CLIENT KILL of every connection, 5 times", quick: 1, limit: afterReturn, strike: killClients},
		{name: "mtrackd-killed", done: "kill -9 of mtrackd, started again", quick: 2, limit: afterReturn, restarts: true, strike: killServer},
		{name: "mtrackd-told-to-end", done: "SIGTERM to mtrackd (`--shutdown-delay`), started again", quick: 1, limit: afterReturn, restarts: true, strike: endServer,
			stage: func(ctx context.Context, s settings) (*stage, error) {
				return newStage(ctx, s, "--shutdown-delay", draining.String())
			}},
		{name: "import-export", done: "import of the same, import of more, and export, beside deletes", quick: 1, limit: afterReturn, seamless: true, long: 3, strike: importAndExport},
		{name: "sentinel", done: "master killed under 3 sentinels; its replica confirms (`--replicas 1`)", quick: 1, limit: afterFailover, reads: true,
			stage: newSentinelStage, strike: failOverSentinel},
		{name: "cluster", done: "master killed in a cluster of 3 and 3 replicas (`--replicas 1`)", quick: 1, limit: afterFailover, reads: true,
			stage: newClusterStage, strike: failOverCluster},
		{name: "addresses", done: "a cluster's master reached at another address, the old one gone, 10 times a round", limit: afterFailover,
			long: 12, stage: newMovingStage, strike: moveAddress},
		{name: "migration", done: "the slot of the callers' organization moved to another master and back", quick: 1, limit: afterFailover,
			long: 3, stage: newClusterStage, strike: migrate},
	}
	for i := range all {
		if all[i].stage == nil {
			all[i].stage = single
		}
	}
	return all
}

// round is one time that a fault strikes.
type round struct {
	*stage
	load   *load
	random *rand.Rand
	notes  []string // violations that only the fault itself can see
	after  func(context.Context) error
}

// between returns a random time.
func (r *round) between(least, most time.Duration) time.Duration {
	return least + time.Duration(r.random.Int64N(int64(most-least)+1))
}

func killRedis(ctx context.Context, r *round) (time.Time, error) {
	server := r.redis[0]
	server.Kill()
	time.Sleep(r.between(0, time.Second))
	if err := server.Launch(); err != nil {
		return time.Time{}, err
	}
	err := until(ctx, "Redis answers", 20*time.Second, func() bool { return answers(server.Address) })
	return time.Now(), err
}

func pauseRedis(length time.Duration) func(context.Context, *round) (time.Time, error) {
	return func(ctx context.Context, r *round) (time.Time, error) {
		if err := r.redis[0].Signal(syscall.SIGSTOP); err != nil {
			return time.Time{}, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(length):
		}
		return time.Now(), r.redis[0].Signal(syscall.SIGCONT)
	}
}

func loseReplies(kind loss) func(context.Context, *round) (time.Time, error) {
	return func(_ context.Context, r *round) (time.Time, error) {
		share := 1.0
		if kind == reset || kind == half || kind == hole {
			share = []float64{0.1, 0.5, 1}[r.random.IntN(3)]
		}
		r.proxy.lose(kind, share, r.between(50*time.Millisecond, slowest))
		time.Sleep(r.between(50*time.Millisecond, 500*time.Millisecond))
		r.proxy.lose(none, 0, 0)
		return time.Now(), nil
	}
}

// administer works as the administrator of Redis, and takes the time at the end.
func (r *round) administer(work func(*redis.Client) error) (time.Time, error) {
	err := withClient(r.redis[0], work)
	return time.Now(), err
}

func flushScripts(ctx context.Context, r *round) (time.Time, error) {
	return r.administer(func(client *redis.Client) (err error) {
		for range 20 {
			err = errors.Join(err, client.ScriptFlush(ctx).Err())
			time.Sleep(20 * time.Millisecond)
		}
		return err
	})
}

func runOutOfMemory(ctx context.Context, r *round) (time.Time, error) {
	return r.administer(func(client *redis.Client) error {
		err := client.ConfigSet(ctx, "maxmemory", "1").Err()
		time.Sleep(r.between(50*time.Millisecond, 500*time.Millisecond))
		return errors.Join(err, client.ConfigSet(ctx, "maxmemory", "0").Err())
	})
}

// failToSave lets a snapshot fail, since its file cannot be replaced.
func failToSave(ctx context.Context, r *round) (time.Time, error) {
	obstacle := filepath.Join(r.redis[0].Folder, "obstacle")
	if err := os.MkdirAll(obstacle, 0o755); err != nil {
		return time.Time{}, err
	}
	return r.administer(func(client *redis.Client) error {
		err := errors.Join(client.ConfigSet(ctx, "save", "3600 1000000").Err(), client.ConfigSet(ctx, "dbfilename", "obstacle").Err(),
			client.BgSave(ctx).Err())
		if err == nil {
			err = until(ctx, "a snapshot that fails", 20*time.Second, func() bool {
				return strings.Contains(client.Info(ctx, "persistence").Val(), "rdb_last_bgsave_status:err")
			})
		}
		time.Sleep(r.between(50*time.Millisecond, 500*time.Millisecond))
		return errors.Join(err, client.ConfigSet(ctx, "dbfilename", "dump.rdb").Err(), client.ConfigSet(ctx, "save", "").Err())
	})
}

func changePassword(ctx context.Context, r *round) (time.Time, error) {
	return r.administer(func(client *redis.Client) error {
		err := errors.Join(client.Do(ctx, "ACL", "SETUSER", redisUser, "resetpass", ">two").Err(), client.Do(ctx, "CLIENT", "KILL", "USER", redisUser).Err())
		time.Sleep(r.between(50*time.Millisecond, 500*time.Millisecond))
		return errors.Join(err, client.Do(ctx, "ACL", "SETUSER", redisUser, "resetpass", ">"+redisPassword).Err())
	})
}

func killClients(ctx context.Context, r *round) (time.Time, error) {
	return r.administer(func(client *redis.Client) (err error) {
		for range 5 {
			err = errors.Join(err, client.Do(ctx, "CLIENT", "KILL", "USER", redisUser).Err())
			time.Sleep(r.between(0, 100*time.Millisecond))
		}
		return err
	})
}

func killServer(_ context.Context, r *round) (time.Time, error) {
	r.server.Kill()
	err := r.serve()
	return time.Now(), err
}

// endServer tells the server to end: whoever asks until it closes its door must be heard.
func endServer(ctx context.Context, r *round) (time.Time, error) {
	told := time.Now()
	r.server.Signal(syscall.SIGTERM)
	time.Sleep(draining - 150*time.Millisecond)
	r.load.paused.Store(true)
	select {
	case <-r.server.Done():
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
		r.notes = append(r.notes, "mtrackd does not end within 20 s")
		r.server.Kill()
	}
	if code := r.server.ExitCode(); code != 0 {
		r.notes = append(r.notes, fmt.Sprintf("exit status %d", code))
	}
	if took := time.Since(told); took < draining {
		r.notes = append(r.notes, fmt.Sprintf("ended %v after it was told, before its delay of %v", took, draining))
	}
	r.load.mu.Lock()
	if n := len(r.load.hindered); n > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%d callers were refused or cut off, the first %v after SIGTERM", n, r.load.hindered[0].sent.Sub(told)))
	}
	r.load.mu.Unlock()
	err := r.serve()
	r.load.paused.Store(false)
	return time.Now(), err
}

// importAndExport imports the callers' world again while they work on it, and another whose
// tracks they delete as soon as they are seen; and exports.
func importAndExport(ctx context.Context, r *round) (time.Time, error) {
	s, more := r.settings, newWorld(r.load.world.organization+"x", 400)
	file := filepath.Join(s.work, more.organization+".jsonl")
	if err := more.write(file); err != nil {
		return time.Time{}, err
	}
	var work sync.WaitGroup
	var mu sync.Mutex
	note := func(format string, values ...any) {
		mu.Lock()
		defer mu.Unlock()
		r.notes = append(r.notes, fmt.Sprintf(format, values...))
	}
	command := func(words ...string) {
		if out, err := s.command(ctx, r.direct, words...).CombinedOutput(); err != nil && ctx.Err() == nil {
			note("mtrackd %s: %v: %s", words[0], err, lastLines(out))
		}
	}
	work.Go(func() { command("import", filepath.Join(s.work, r.load.world.organization+".jsonl")) })
	work.Go(func() { command("export", filepath.Join(s.work, "export.jsonl")) })
	imported := make(chan struct{})
	work.Go(func() {
		defer close(imported)
		// Killed in the middle, and once more from the beginning.
		killed, err := process.Start(s.command(ctx, r.direct, "import", file))
		if err != nil {
			note("%v", err)
			return
		}
		time.Sleep(r.between(5*time.Millisecond, 80*time.Millisecond))
		killed.Kill()
		command("import", file)
	})
	acknowledged := make(map[string]bool)
	work.Go(func() {
		for pass, last := 0, false; !last && ctx.Err() == nil; pass++ {
			select {
			case <-imported:
				last = true
			default:
			}
			for _, id := range more.tracks[:100] {
				if !acknowledged[id] {
					acknowledged[id] = r.load.caller.do(ctx, deleteTrack, more.path(id), withKey(more.key("maker"))).status == 200
				}
			}
		}
	})
	work.Wait()
	all, err := export(ctx, s, r.direct)
	for i, id := range more.tracks {
		t := all[id]
		switch {
		case err != nil:
		case t == nil:
			note("%s is missing after its import", id)
		case t.deleted != acknowledged[id] && (i >= 100 || acknowledged[id]), acknowledged[id] && t.deletions() != 1:
			note("%s: acknowledged %v, deleted %v, %d times", id, acknowledged[id], t.deleted, t.deletions())
		case len(t.events) < 2 || t.events[0].Type != "track.created" || t.events[1].Type != "track.billed":
			note("%s: its history is %v", id, t.events)
		}
	}
	return time.Now(), err
}

// failedOver waits until callers are served again, and makes the old master a replica.
func (r *round) failedOver(old *process.Redis, whole func(context.Context) error, arguments ...string) {
	r.after = func(ctx context.Context) error {
		if err := old.Launch(arguments...); err != nil {
			return err
		}
		return errors.Join(until(ctx, "the old master follows", 40*time.Second, func() bool { return inSync(ctx, old) }), whole(ctx))
	}
}

func failOverSentinel(ctx context.Context, r *round) (time.Time, error) {
	old, next := r.redis[0], r.redis[1]
	if !isMaster(ctx, old) {
		old, next = next, old
	}
	old.Kill()
	err := until(ctx, "another master", 30*time.Second, func() bool { return isMaster(ctx, next) })
	back := time.Now()
	host, port, _ := strings.Cut(next.Address, ":")
	r.failedOver(old, func(ctx context.Context) error {
		for _, address := range r.watchers {
			if err := awaitSentinel(ctx, address); err != nil {
				return err
			}
		}
		return nil
	}, "--replicaof", host+" "+port)
	return back, err
}

func failOverCluster(ctx context.Context, r *round) (time.Time, error) {
	old, next, _, err := r.owners(ctx, r.load.world)
	if err != nil {
		return time.Time{}, err
	}
	old.Kill()
	err = until(ctx, "another master", 30*time.Second, func() bool { return isMaster(ctx, next) })
	back := time.Now()
	r.failedOver(old, r.awaitCluster)
	return back, err
}

// moveAddress lets the node be reached at new addresses, one after the other, as masters in
// containers are after failovers.
func moveAddress(ctx context.Context, r *round) (time.Time, error) {
	var back time.Time
	for range 10 {
		old := r.proxy
		if err := r.announce(ctx); err != nil {
			return back, err
		}
		time.Sleep(r.between(0, 500*time.Millisecond))
		old.close()
		back = time.Now()
		time.Sleep(r.between(300*time.Millisecond, time.Second))
	}
	return back, nil
}

// migrate moves the slot of the callers' organization to another master and back, key by key.
func migrate(ctx context.Context, r *round) (time.Time, error) {
	from, _, slot, err := r.owners(ctx, r.load.world)
	if err != nil {
		return time.Time{}, err
	}
	var to *process.Redis
	for _, candidate := range r.redis {
		if candidate != from && isMaster(ctx, candidate) {
			to = candidate
		}
	}
	rest := r.between(0, 10*time.Millisecond)
	if err := moveSlot(ctx, from, to, slot, rest); err != nil {
		return time.Time{}, err
	}
	time.Sleep(r.between(0, 300*time.Millisecond))
	err = moveSlot(ctx, to, from, slot, rest)
	return time.Now(), err
}

// moveSlot moves 50 keys at once, and rests in between.
func moveSlot(ctx context.Context, from, to *process.Redis, slot int, rest time.Duration) error {
	source, target := from.Client(), to.Client()
	defer source.Close()
	defer target.Close()
	fromID, err := source.Do(ctx, "CLUSTER", "MYID").Text()
	toID, err2 := target.Do(ctx, "CLUSTER", "MYID").Text()
	err = errors.Join(err, err2)
	if err == nil {
		err = target.Do(ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromID).Err()
	}
	if err == nil {
		err = source.Do(ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", toID).Err()
	}
	host, port, _ := strings.Cut(to.Address, ":")
	for err == nil {
		var keys []string
		if keys, err = source.ClusterGetKeysInSlot(ctx, slot, 50).Result(); err != nil || len(keys) == 0 {
			break
		}
		words := []any{"MIGRATE", host, port, "", 0, 5000, "KEYS"}
		for _, key := range keys {
			words = append(words, key)
		}
		err = source.Do(ctx, words...).Err()
		time.Sleep(rest)
	}
	if err == nil {
		err = process.GiveSlot(ctx, int64(slot), target, source)
	}
	return err
}
