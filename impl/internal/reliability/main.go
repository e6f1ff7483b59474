// Command reliability looks for what the reference server loses, does twice or lets in, while
// what it depends on fails, and rewrites the table of docs/reliability.md. `make reliability`
// runs it.
//
// It knows the server by its command line, its API and its exports alone. Everything is a
// process of its own on this machine: redis-server, its sentinels and cluster, and mtrackd.
// Callers keep a log of what they were told, which is compared with what is stored after each
// round. The exit status is 1 if a promise was broken, with how to repeat it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	redis.SetLogger(silence{}) // that nodes are down is what is wanted here
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "reliability:", err)
		os.Exit(1)
	}
}

// silence is a log that is not kept.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// settings of a run.
type settings struct {
	server, work, table string
	rounds, tracks      int
	only                []string
	round               int // the only one; -1: all
	seed                uint64
	quick               bool
}

func flags() (settings, error) {
	var s settings
	flag.StringVar(&s.server, "mtrackd", ".build/bin/mtrackd", "the server to look at, built")
	flag.StringVar(&s.work, "work", "", "folder for data and logs, which stay; empty: a temporary one")
	flag.StringVar(&s.table, "table", "", "Markdown file of which the rows are rewritten that this run looked at")
	flag.IntVar(&s.rounds, "rounds", 20, "rounds of each fault")
	flag.IntVar(&s.tracks, "tracks", 1500, "tracks that the callers of a round may delete")
	flag.IntVar(&s.round, "round", -1, "run this round alone, to repeat it")
	flag.Uint64Var(&s.seed, "seed", 0, "what the moments follow from; 0: another one at each run")
	flag.BoolVar(&s.quick, "quick", false, "run a selection, in under two minutes, which does not touch the table")
	only := flag.String("only", "", "names of what to run, with commas between; empty: everything")
	flag.Parse()
	if s.seed == 0 {
		s.seed = rand.Uint64()>>1 + 1
	}
	known := []string{matrixName}
	for _, f := range faults() {
		known = append(known, f.name)
	}
	for _, h := range hostilities() {
		known = append(known, h.name)
	}
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	for _, name := range s.only {
		if !slices.Contains(known, name) {
			return s, fmt.Errorf("-only: there is no %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	if s.rounds < 1 || s.tracks < 1 {
		return s, errors.New("-rounds and -tracks must be at least 1")
	}
	var err error
	if s.server, err = filepath.Abs(s.server); err != nil {
		return s, err
	}
	if _, err = os.Stat(s.server); err != nil {
		return s, fmt.Errorf("%w; run make build first", err)
	}
	return s, nil
}

// wants reports whether something of that name is to be run.
func (s settings) wants(name string) bool { return len(s.only) == 0 || slices.Contains(s.only, name) }

func run(ctx context.Context) error {
	s, err := flags()
	if err != nil {
		return err
	}
	if s.work == "" {
		if s.work, err = os.MkdirTemp("", "reliability-"); err != nil {
			return err
		}
		defer os.RemoveAll(s.work)
	} else if err := os.MkdirAll(s.work, 0o755); err != nil {
		return err
	}
	broken := 0
	look := func(done string, work func() row) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		start := time.Now()
		r := work()
		r.done, r.took = done, time.Since(start)
		fmt.Println(r)
		broken += len(r.violations)
		if s.table == "" || s.quick || s.round >= 0 || ctx.Err() != nil {
			return ctx.Err()
		}
		return rewrite(s.table, r)
	}
	for _, f := range faults() {
		if !s.wants(f.name) || s.quick && f.quick == 0 && len(s.only) == 0 {
			continue
		}
		if err := look(f.done, func() row { return f.play(ctx, s) }); err != nil {
			return err
		}
	}
	if s.wants(matrixName) {
		if err := look(matrixDone, func() row { return lookAtMatrix(ctx, s) }); err != nil {
			return err
		}
	}
	for _, h := range hostilities() {
		if s.wants(h.name) && (!s.quick || h.quick || len(s.only) > 0) {
			if err := look(h.done, func() row { return h.play(ctx, s) }); err != nil {
				return err
			}
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d promises broken, see above", broken)
	}
	return nil
}

// play lets a fault strike, round after round, on one stage.
func (f fault) play(ctx context.Context, s settings) row {
	rounds := s.rounds
	if s.quick {
		rounds = max(1, f.quick)
		f.limit += busy
	}
	result := row{promised: fmt.Sprintf("nothing lost or doubled, first success within %v", f.limit)}
	if f.seamless {
		result.promised += ", nobody notices"
	}
	failed := func(round int, what string) {
		fmt.Fprintf(os.Stderr, "VIOLATION: %s, round %d: %s\n    again: go run ./impl/internal/reliability -only %s -seed %d -round %d\n", f.name, round, what, f.name, s.seed, round)
		result.violations = append(result.violations, what)
	}
	stage, err := f.stage(ctx, s)
	if err != nil {
		failed(0, "cannot begin: "+err.Error())
		result.seen = "could not begin"
		return result
	}
	defer func() {
		if stage != nil { // it may be another one by then
			stage.close()
		}
	}()
	var took []time.Duration
	var memory []int64
	acknowledged, hindered := 0, 0
	for n := range rounds {
		if s.round >= 0 && n != s.round || ctx.Err() != nil {
			continue
		}
		hash := fnv.New64()
		hash.Write([]byte(f.name))
		r := &round{stage: stage, random: rand.New(rand.NewPCG(s.seed, hash.Sum64()+uint64(n)))}
		first, err := f.once(ctx, s, r, n)
		if r.load != nil {
			result.requests += r.load.requests
			acknowledged += r.load.acknowledged()
			hindered += r.load.failures
		}
		if ctx.Err() != nil {
			break // the run was ended, which is nobody's fault
		}
		if err != nil {
			failed(n, err.Error())
			stage.close() // the next round may find anything
			if stage, err = f.stage(ctx, s); err != nil {
				failed(n, "cannot go on: "+err.Error())
				return result
			}
			continue
		}
		for i, what := range r.notes {
			if i == 3 {
				failed(n, fmt.Sprintf("and %d more", len(r.notes)-i))
				break
			}
			failed(n, what)
		}
		if first > f.limit {
			failed(n, fmt.Sprintf("first success %v after all was well, promised %v", first.Round(time.Millisecond), f.limit))
		}
		result.rounds++
		took = append(took, first)
		if !f.restarts {
			memory = append(memory, stage.server.Memory())
		}
		fmt.Fprintf(os.Stderr, "%s, round %d: first success after %v, %d acknowledged, %d of %d requests failed, %d MB\n",
			f.name, n, first.Round(time.Millisecond), r.load.acknowledged(), r.load.failures, r.load.requests, stage.server.Memory()>>20)
	}
	result.seen = fmt.Sprintf("%d deletes acknowledged, %d violations; first success %s; %d requests of %d failed",
		acknowledged, len(result.violations), spread(took), hindered, result.requests)
	if half := len(memory) / 2; half >= 5 {
		early, late := slices.Max(memory[:half]), memory[len(memory)-1]
		result.seen += fmt.Sprintf("; memory %d → %d MB", early>>20, late>>20)
		if late > early*3/2+8<<20 {
			failed(rounds-1, fmt.Sprintf("memory grew from %d to %d MB", early>>20, late>>20))
		}
	}
	return result
}

// busy is what a quick run allows on top: it runs beside other things, on machines that stall.
const busy = 2 * time.Second

// tracks returns how many tracks a round needs.
func (f fault) tracks(s settings) int { return s.tracks * max(f.long, 1) }

// once plays one round and returns when the first success came after all was well. Violations go
// into the round's notes; an error means that the round could not be played to its end.
func (f fault) once(ctx context.Context, s settings, r *round, n int) (time.Duration, error) {
	r.empty(ctx)
	w := newWorld(fmt.Sprintf("org_%s_%d", strings.ReplaceAll(f.name, "-", ""), n), f.tracks(s))
	if err := w.store(ctx, s, r.direct); err != nil {
		return 0, err
	}
	defer os.Remove(filepath.Join(s.work, w.organization+".jsonl"))
	c := newCaller(r.origin)
	defer c.close()
	r.load = startLoad(ctx, w, c)
	time.Sleep(r.between(100*time.Millisecond, 400*time.Millisecond))
	back, err := f.strike(ctx, r)
	var first time.Duration
	if err == nil {
		first, err = r.load.awaitSuccess(ctx, back, f.reads, f.limit+15*time.Second)
	}
	if err == nil && r.after != nil {
		err = r.after(ctx)
	}
	time.Sleep(200 * time.Millisecond)
	r.load.end()
	if err != nil {
		return 0, err
	}
	all, err := export(ctx, s, r.direct)
	if err != nil {
		return 0, err
	}
	r.notes = append(r.notes, r.load.violations(all)...)
	if f.seamless && r.load.failures > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%d callers noticed", r.load.failures))
	}
	return first, nil
}

// spread is the median of times, and the largest.
func spread(times []time.Duration) string {
	if len(times) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(times))
	return fmt.Sprintf("after %v (at most %v)", sorted[len(sorted)/2].Round(time.Millisecond), sorted[len(sorted)-1].Round(time.Millisecond))
}
