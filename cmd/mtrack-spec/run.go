package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/finding"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/source"
)

// Exit statuses. They are part of the promise to CI.
const (
	exitClean    = 0 // nothing found
	exitFindings = 1 // findings at or above the level of --fail-on
	exitUnusable = 2 // wrong usage, or input that cannot be looked at
)

// tool names the program in reports.
const tool = "mtrack-spec"

// command is one subcommand.
type command struct {
	name string
	// arguments shows what follows the flags, for the usage line.
	arguments string
	summary   string
	// detail is shown by --help below the summary.
	detail string
	// prepare defines the flags and returns what runs once they are parsed.
	prepare func(fs *flag.FlagSet) action
}

// action runs a command with its arguments. An error is reported as unusable input.
type action func(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error)

func commands() []command {
	return []command{checkCommand(), diffCommand(), traceCommand(), coverageCommand(), rulesCommand(), explainCommand()}
}

// run executes one command line and returns the exit status. Findings go to
// stdout, and whatever keeps the command from working to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitUnusable
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) > 1 {
			return run(ctx, []string{args[1], "--help"}, stdout, stderr)
		}
		usage(stdout)
		return exitClean
	case "version", "--version":
		fmt.Fprintln(stdout, tool, version())
		return exitClean
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "%s: unknown command %q; `%s help` lists the commands\n", tool, args[0], tool)
	return exitUnusable
}

func usage(w io.Writer) {
	fmt.Fprintf(w, "Usage: %s COMMAND [flags] [arguments]\n\nKeeps an OpenAPI 3.0 contract right.\n\nCommands:\n", tool)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, `
Exit status: 0 nothing found, 1 findings, 2 wrong usage or unusable input.
Each flag may be given by the environment instead: --max-size as MTRACK_SPEC_MAX_SIZE.
%s COMMAND --help shows the flags of a command.
`, tool)
}

func (c command) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	do := c.prepare(fs)
	if err := fromEnvironment(fs); err != nil {
		fmt.Fprintf(stderr, "%s %s: %v\n", tool, c.name, err)
		return exitUnusable
	}
	args, err := parse(fs, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.help(stdout, fs)
		return exitClean
	case err != nil:
		fmt.Fprintf(stderr, "%s %s: %v; `%s %s --help` shows the flags\n", tool, c.name, err, tool, c.name)
		return exitUnusable
	}
	code, err := do(ctx, args, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "%s %s: %v\n", tool, c.name, err)
		return exitUnusable
	}
	return code
}

// parse lets flags stand before, between and after the arguments. What follows
// `--` is an argument, whatever it looks like.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		consumed := len(args) - fs.NArg()
		if consumed > 0 && args[consumed-1] == "--" {
			return append(rest, fs.Args()...), nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func environmentName(flagName string) string {
	return "MTRACK_SPEC_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// fromEnvironment sets the flags that the environment gives; the command line
// is parsed later and wins.
func fromEnvironment(fs *flag.FlagSet) error {
	var failed error
	fs.VisitAll(func(f *flag.Flag) {
		name := environmentName(f.Name)
		if value, ok := os.LookupEnv(name); ok && value != "" && failed == nil {
			if err := f.Value.Set(value); err != nil {
				failed = fmt.Errorf("%s=%q: %w", name, value, err)
			}
		}
	})
	return failed
}

func (c command) help(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "%s\n\n%s\n", strings.TrimSpace(fmt.Sprintf("Usage: %s %s [flags] %s", tool, c.name, c.arguments)), c.summary)
	if c.detail != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.detail))
	}
	first := true
	fs.VisitAll(func(f *flag.Flag) {
		if first {
			fmt.Fprint(w, "\nFlags:\n")
			first = false
		}
		name, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "%s\n      %s", strings.TrimRight("  --"+f.Name+" "+name, " "), text)
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(w, " Default: %s.", f.DefValue)
		}
		fmt.Fprintf(w, " (%s)\n", environmentName(f.Name))
	})
}

// version returns the version of the module that this program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// outputFlag adds --format and returns where it is kept.
func outputFlag(fs *flag.FlagSet, formats ...finding.Format) *formatValue {
	v := &formatValue{format: formats[0], allowed: formats}
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	fs.Var(v, "format", "`FORMAT` of the output: "+strings.Join(names, ", ")+".")
	return v
}

type formatValue struct {
	format  finding.Format
	allowed []finding.Format
}

func (v *formatValue) String() string { return string(v.format) }

func (v *formatValue) Set(s string) error {
	var names []string
	for _, f := range v.allowed {
		if string(f) == s {
			v.format = f
			return nil
		}
		names = append(names, string(f))
	}
	return fmt.Errorf("unknown format: use one of %s", strings.Join(names, ", "))
}

// choiceValue is one of a few words.
type choiceValue struct {
	value   string
	allowed []string
}

func (v *choiceValue) String() string { return v.value }

func (v *choiceValue) Set(s string) error {
	if !slices.Contains(v.allowed, s) {
		return fmt.Errorf("use one of %s", strings.Join(v.allowed, ", "))
	}
	v.value = s
	return nil
}

// sizeValue is a number of bytes with an optional unit.
type sizeValue int64

func (v *sizeValue) String() string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n := int64(*v); n >= unit.size && n%unit.size == 0 {
			return fmt.Sprintf("%d%s", n/unit.size, unit.name)
		}
	}
	return fmt.Sprint(int64(*v))
}

func (v *sizeValue) Set(s string) error {
	digits := strings.TrimRight(s, "BKMGi")
	factor := map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[s[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || factor == 0 || n <= 0 || n > math.MaxInt64/factor {
		return errors.New("give a number of bytes, or one with KiB, MiB or GiB")
	}
	*v = sizeValue(n * factor)
	return nil
}

// sourceFlags adds the flags on reading documents.
func sourceFlags(fs *flag.FlagSet) *source.Options {
	opts := &source.Options{MaxBytes: source.DefaultMaxBytes}
	fs.Var((*sizeValue)(&opts.MaxBytes), "max-size", "Refuse documents larger than `SIZE`, all their files together.")
	fs.BoolVar(&opts.AllowRemote, "allow-remote", false, "Fetch references to http and https URLs. Without it they are refused.")
	return opts
}
