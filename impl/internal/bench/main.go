// Command bench measures the reference server beside what teams would write by hand, and rewrites
// the table of docs/performance.md. `make bench` runs it.
//
// Every contender is a process of its own over a redis-server of its own that is loaded from the
// same data; they take turns, and the order changes from round to round. Figures of one contender
// mean little on a machine that does other things as well, so the table holds ratios within a
// round.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings of a run.
type settings struct {
	server  string        // the mtrackd to measure
	work    string        // folder for data and what is installed
	rounds  int           // of each measurement
	length  time.Duration // of a turn
	only    []string      // names of contenders; empty: all that can run here
	table   string        // file whose table is rewritten; empty: none
	measure []measurement
	store   []storeMeasure
}

// measurement is an operation at a number of connections.
type measurement struct {
	operation   operation
	connections int
}

func (m measurement) String() string {
	unit := "connections"
	if m.connections == 1 {
		unit = "connection"
	}
	return fmt.Sprintf("%s, %d %s", m.operation, m.connections, unit)
}

func flags() (settings, error) {
	var s settings
	flag.StringVar(&s.server, "mtrackd", ".build/bin/mtrackd", "the server to measure, built")
	flag.StringVar(&s.work, "work", ".build/bench", "folder for data and for the peers' packages")
	flag.IntVar(&s.rounds, "rounds", 5, "rounds of each measurement")
	flag.DurationVar(&s.length, "length", 3*time.Second, "how long a turn takes")
	flag.StringVar(&s.table, "table", "", "Markdown file whose table is rewritten")
	measure := flag.String("measure", "delete:64,delete:256,delete:1,get:64,list:64,cost,libraries,saved-deleted,size,import",
		"what to measure: OPERATION:CONNECTIONS beside other servers; of the store alone cost, libraries, saved-deleted, size, import")
	only := flag.String("only", "", "contenders, by name, with commas between; empty: all but replicated and confirmed")
	flag.Parse()
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	if s.rounds < 1 || s.length < 100*time.Millisecond {
		return s, errors.New("-rounds must be at least 1 and -length at least 100ms")
	}
	for word := range strings.SplitSeq(*measure, ",") {
		if i := slices.IndexFunc(storeMeasures, func(m storeMeasure) bool { return m.name == word }); i >= 0 {
			s.store = append(s.store, storeMeasures[i])
			continue
		}
		name, number, _ := strings.Cut(word, ":")
		connections, err := strconv.Atoi(number)
		if err != nil || connections < 1 || !slices.Contains(operations, operation(name)) {
			return s, fmt.Errorf("-measure %q: want delete, get or list, a colon, and a number of connections, such as delete:64; or cost, libraries, saved-deleted, size or import", word)
		}
		s.measure = append(s.measure, measurement{operation(name), connections})
	}
	var err error
	if s.server, err = filepath.Abs(s.server); err != nil {
		return s, err
	}
	if _, err = os.Stat(s.server); err != nil {
		return s, fmt.Errorf("%w; run make build first", err)
	}
	s.work, err = filepath.Abs(s.work)
	return s, err
}

func run(ctx context.Context) error {
	s, err := flags()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.work, 0o755); err != nil {
		return err
	}
	var table string
	if len(s.measure) > 0 {
		besides, err := compare(ctx, s)
		if err != nil {
			return err
		}
		table += besides
	}
	if len(s.store) > 0 {
		alone, err := measureStore(ctx, s)
		if err != nil {
			return err
		}
		table += alone
	}
	fmt.Print(table)
	if s.table == "" {
		return nil
	}
	return rewrite(s.table, table)
}

// compare measures the server beside the others and returns the tables.
func compare(ctx context.Context, s settings) (string, error) {
	data, err := prepareData(ctx, s)
	if err != nil {
		return "", err
	}
	contenders, err := prepareContenders(ctx, s)
	if err != nil {
		return "", err
	}
	generator, err := prepareGenerator(s.work)
	if err != nil {
		return "", err
	}
	found := make(results)
	for _, m := range s.measure {
		for round := range s.rounds {
			turns := slices.DeleteFunc(slices.Clone(contenders), func(c contender) bool {
				return !slices.Contains(c.operations, m.operation)
			})
			if round%2 == 1 {
				slices.Reverse(turns)
			}
			for _, c := range turns {
				taken, err := turn(ctx, s, generator, data, c, m)
				if err != nil {
					return "", fmt.Errorf("%s, %s: %w", m, c.name, err)
				}
				found.add(m, c.name, taken)
				fmt.Fprintf(os.Stderr, "%s, round %d of %d, %s: %s\n", m, round+1, s.rounds, c.name, taken)
			}
		}
	}
	return found.table(s, contenders, generator.name()), nil
}

// turn starts a contender on fresh data, loads it and ends it.
func turn(ctx context.Context, s settings, g generator, data fixtures, c contender, m measurement) (sample, error) {
	server, err := process.StartRedis(ctx, s.work, data[c.fixture])
	if err != nil {
		return sample{}, err
	}
	defer server.End()
	if c.replica {
		replica, err := server.Replicate(ctx, s.work)
		if err != nil {
			return sample{}, err
		}
		defer replica.End()
	}
	program, err := c.start(ctx, server.Address)
	if err != nil {
		return sample{}, err
	}
	defer program.End()
	if err := warm(ctx, program.origin, m); err != nil {
		return sample{}, err
	}
	programBefore, serverBefore := program.CPU(), server.CPU()
	taken, err := g.load(ctx, program.origin, m, s.length)
	if err != nil {
		return sample{}, err
	}
	if taken.refused > 0 {
		return sample{}, fmt.Errorf("%d of %d responses were not 200", taken.refused, taken.requests)
	}
	taken.program = (program.CPU() - programBefore) / time.Duration(taken.requests)
	taken.redis = (server.CPU() - serverBefore) / time.Duration(taken.requests)
	return taken, nil
}

// warm opens connections, and makes caches and compilers do what they do only once, on tracks of
// its own.
func warm(ctx context.Context, origin string, m measurement) error {
	// By count: a time might end among the tracks that load deletes.
	taken, err := ownGenerator{}.run(ctx, origin, m, tracks-warmTracks, warmTracks/4)
	if err == nil && taken.refused > 0 {
		err = fmt.Errorf("%d of %d responses were not 200 while warming up", taken.refused, taken.requests)
	}
	return err
}
