package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// storeMeasure is something about the store alone, without HTTP.
type storeMeasure struct {
	name, what string
	// benchmark is what `go test` is to run: package, benchmark, its length, further arguments;
	// none: an import.
	benchmark []string
}

var storeMeasures = []storeMeasure{
	{"cost", "processor time of Redis for a script, beside one written by hand, both in pipelines of 64",
		[]string{"./impl/redisstore/internal/scripts", "Cost", "20000x"}},
	{"libraries", "delete of a track in 1,000,000 libraries ÷ in 1, and while it is taken out of them the slowest script (0: none took 0.5 ms)",
		[]string{"./impl/redisstore", "Scale/libraries$", "1x", "-libraries=1000000"}},
	{"saved-deleted", "page of a library after 100,000 of its tracks were deleted ÷ before, and the same while they await the sweeper, from the second page on",
		[]string{"./impl/redisstore", "Scale/saved-deleted$", "1x"}},
	{"size", "delete in an organization of 1,000,000 tracks ÷ of 10,000; bytes of a track, of a history of two events, of a save, and of a save in parts of its library, too",
		[]string{"./impl/redisstore", "Scale/tracks$", "1x"}},
	{"import", "import of what generate-demo writes, 1.3 million records", nil},
}

// measureStore returns a table of what was found.
func measureStore(ctx context.Context, s settings) (string, error) {
	var out strings.Builder
	fmt.Fprintf(&out, "\n**The store alone** (%s, median of what a run repeats)\n\n| measure | what | found |\n|---|---|---|\n", redisVersion())
	for _, m := range s.store {
		var rows []string
		var err error
		if m.benchmark == nil {
			rows, err = importDemo(ctx, s)
		} else {
			rows, err = runBenchmark(ctx, m.benchmark)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", m.name, m.what, strings.Join(rows, "<br>"))
		fmt.Fprintf(os.Stderr, "%s: %s\n", m.name, strings.Join(rows, "; "))
	}
	return out.String(), nil
}

// benchmarkLine is a line of `go test -bench`: a name, how often it ran, and its figures.
var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark\w+/(\S+?)(?:-\d+)?\s+\d+\t(.*)$`)

// runBenchmark runs a benchmark of a package and returns what each of its parts reports.
func runBenchmark(ctx context.Context, words []string) ([]string, error) {
	arguments := append([]string{"test", "-run", "^$", "-bench", words[1], "-benchtime", words[2], "-timeout", "30m", words[0], "-args"}, words[3:]...)
	out, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, out)
	}
	rows := figures(string(out))
	if len(rows) == 0 {
		return nil, fmt.Errorf("go %s reports nothing:\n%s", strings.Join(arguments, " "), out)
	}
	return rows, nil
}

// figures returns what benchmarks have reported, by their names.
func figures(output string) []string {
	var rows []string
	for _, line := range benchmarkLine.FindAllStringSubmatch(output, -1) {
		var values []string
		for value := range strings.SplitSeq(line[2], "\t") {
			values = append(values, strings.Join(strings.Fields(value), " "))
		}
		rows = append(rows, line[1]+": "+strings.Join(values, ", "))
	}
	return rows
}

// importDemo imports made-up data into an empty Redis.
func importDemo(ctx context.Context, s settings) ([]string, error) {
	file := filepath.Join(s.work, "demo.jsonl")
	demo, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	generate := exec.CommandContext(ctx, s.server, "generate-demo")
	generate.Stdout = demo
	err = generate.Run()
	demo.Close() // what could not be written is missed by the import
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	records := float64(strings.Count(string(text), "\n"))
	server, err := process.StartRedis(ctx, s.work, "")
	if err != nil {
		return nil, err
	}
	defer server.End()
	began, used := time.Now(), server.CPU()
	if out, err := exec.CommandContext(ctx, s.server, "import", file, "--redis", "redis://"+server.Address).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	took := time.Since(began)
	return []string{fmt.Sprintf("%.0f records/s, %.1f µs of Redis for a record", records/took.Seconds(), float64((server.CPU()-used).Microseconds())/records)}, nil
}
