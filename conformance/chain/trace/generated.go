package trace

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var generatedStale = finding.Rule{
	ID: "trace-generated", Level: finding.Error,
	Title: "The generated code matches the contract",
	Why:   "The server is compiled from another contract than the one that is published.",
	Fix:   "Run make generate and commit gen/.",
}

// directive starts the comment that says how a directory is generated.
const directive = "//go:generate "

// Generated is what a comparison of the generated code found.
type Generated struct {
	// Files are the generated files that were compared.
	Files    []string
	Findings []finding.Finding
}

// CheckGenerated generates the code below dir again, into a directory of its own,
// and compares. It changes nothing below dir. An error means that the code could
// not be generated; one that wraps fs.ErrNotExist, that there is no such directory.
func CheckGenerated(ctx context.Context, dir string) (*Generated, error) {
	sources, err := filepath.Glob(filepath.Join(dir, "*", "generate.go"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("%s: no generate.go below it: %w", dir, fs.ErrNotExist)
	}
	out, err := os.MkdirTemp("", "mtrack-spec-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	g := &Generated{}
	for _, file := range sources {
		if err := g.compare(ctx, file, out); err != nil {
			// %v: what else does not exist is not to be taken for the directory.
			return nil, fmt.Errorf("the code cannot be generated: %v", err)
		}
	}
	return g, nil
}

// compare runs the directive of one generate.go with its output redirected.
func (g *Generated) compare(ctx context.Context, file, out string) error {
	args, line, err := readDirective(file)
	if err != nil {
		return err
	}
	dir := filepath.Dir(file)
	committed, err := filepath.Glob(filepath.Join(dir, "*.gen.go"))
	if err != nil {
		return err
	}
	at := finding.Position{File: filepath.ToSlash(file), Line: line, Column: 1}
	if len(committed) != 1 {
		g.report(at, fmt.Sprintf("there are %d generated files beside it, want one", len(committed)))
		return nil
	}
	fresh := filepath.Join(out, filepath.Base(committed[0]))
	if args, err = redirect(args, dir, fresh); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %s: %w\n%s", at, strings.Join(args, " "), err, strings.TrimSpace(string(text)))
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		return err
	}
	got, err := os.ReadFile(committed[0])
	if err != nil {
		return err
	}
	g.Files = append(g.Files, filepath.ToSlash(committed[0]))
	if n := firstDifference(got, want); n > 0 {
		g.report(finding.Position{File: filepath.ToSlash(committed[0]), Line: n, Column: 1},
			"the file is not what the contract generates: it differs from this line on")
	}
	return nil
}

// outputLine is the line of a generator's configuration that names the output.
var outputLine = regexp.MustCompile(`(?m)^output:.*\n`)

// redirect makes a command line of the generator write to fresh. The output that
// the configuration names goes before the option, so it is left out in a copy of
// the configuration, beside fresh.
func redirect(args []string, dir, fresh string) ([]string, error) {
	args = slices.Clone(args)
	i := slices.IndexFunc(args, func(a string) bool { return a == "-config" || a == "--config" })
	if i < 0 || i+1 >= len(args)-1 {
		return nil, errors.New("the directive names no configuration with -config before the document")
	}
	config, err := os.ReadFile(filepath.Join(dir, args[i+1]))
	if err != nil {
		return nil, err
	}
	if !outputLine.Match(config) {
		return nil, fmt.Errorf("the configuration %s names no output", args[i+1])
	}
	args[i+1] = fresh + ".yaml"
	if err := os.WriteFile(args[i+1], outputLine.ReplaceAll(config, nil), 0o600); err != nil {
		return nil, err
	}
	// The last argument is the document; the generator takes options before it only.
	return slices.Insert(args, len(args)-1, "-o", fresh), nil
}

func (g *Generated) report(at finding.Position, message string) {
	g.Findings = append(g.Findings, broken(generatedStale, at, message))
}

// readDirective returns the words of the one directive of a file and its line.
func readDirective(file string) ([]string, int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if words, ok := strings.CutPrefix(lines.Text(), directive); ok {
			args := strings.Fields(words)
			if len(args) < 2 {
				return nil, 0, fmt.Errorf("%s:%d: the directive names no command and document", file, n)
			}
			return args, n, nil
		}
	}
	return nil, 0, errors.Join(fmt.Errorf("%s: no %q in it", file, strings.TrimSpace(directive)), lines.Err())
}

// firstDifference returns the first line, counted from one, in which two texts
// differ, or 0 when they are equal.
func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y))
}
