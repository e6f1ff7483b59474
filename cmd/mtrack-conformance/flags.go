package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// flagSet is the flags of one command. Define them with the methods of the
// embedded [flag.FlagSet] (a word in back quotes names the value in the help),
// then call parse once.
type flagSet struct {
	*flag.FlagSet
	env     environment
	command string // the words between mtrack-conformance and the arguments: "run"
	syntax  string // the arguments, as the help shows them: "ID…"
	about   string // what the command does, for the help
}

// newFlagSet returns an empty set. Syntax may be empty: the command takes no
// arguments then.
func newFlagSet(env environment, command, syntax, about string) *flagSet {
	fs := flag.NewFlagSet(command, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parse tells errors itself, in one way for flags and variables
	fs.Usage = func() {}
	return &flagSet{FlagSet: fs, env: env, command: command, syntax: syntax, about: about}
}

// parse reads the environment and then args into the flags; flags may stand
// before, between and after arguments. It returns the arguments. Where done is
// true the command ends with the exit status: help was asked for and given, or
// something is wrong and stderr was told what.
func (f *flagSet) parse(args []string) (arguments []string, status int, done bool) {
	if err := f.readEnvironment(); err != nil {
		return nil, f.refuse(err.Error()), true
	}
	for {
		err := f.FlagSet.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			f.help(f.env.stdout)
			return nil, exitOK, true
		}
		if err != nil {
			// The flag package spells flags with one dash, the help with two.
			return nil, f.refuse(strings.Replace(err.Error(), " -", " --", 1)), true
		}
		read := len(args) - f.NArg()
		if f.NArg() == 0 {
			break
		}
		if read > 0 && args[read-1] == "--" {
			arguments = append(arguments, f.Args()...)
			break
		}
		arguments = append(arguments, f.Arg(0))
		args = f.Args()[1:]
	}
	if f.syntax == "" && len(arguments) > 0 {
		return nil, f.refuse(fmt.Sprintf("unexpected argument %q", arguments[0])), true
	}
	return arguments, exitOK, false
}

// refuse tells stderr what is wrong with the command line and where to read
// on. It returns the exit status.
func (f *flagSet) refuse(problem string) int {
	fmt.Fprintf(f.env.stderr, "mtrack-conformance %s: %s\nSee: mtrack-conformance %s --help\n", f.command, problem, f.command)
	return exitUsage
}

// variable returns the environment variable of a flag.
func variable(flagName string) string {
	return "MTRACK_CONFORMANCE_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// readEnvironment sets every flag whose variable is not empty. Its error names
// the variable but not its value, which may hold a password.
func (f *flagSet) readEnvironment() error {
	var failed error
	f.VisitAll(func(fl *flag.Flag) {
		value := f.env.getenv(variable(fl.Name))
		if value == "" || failed != nil {
			return
		}
		err := fl.Value.Set(value)
		if list, ok := fl.Value.(*patterns); ok {
			list.replaceable = true
		}
		if err != nil {
			failed = fmt.Errorf("environment variable %s: %w", variable(fl.Name), err)
		}
	})
	return failed
}

// help writes what the command does and every flag with its default and its
// variable.
func (f *flagSet) help(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: mtrack-conformance %s", f.command)
	if f.syntax != "" {
		b.WriteString(" " + f.syntax)
	}
	b.WriteString(" [FLAG…]\n\n" + strings.TrimSpace(f.about) + "\n")
	first := true
	f.VisitAll(func(fl *flag.Flag) {
		if first {
			b.WriteString("\nFlags:\n")
			first = false
		}
		placeholder, usage := flag.UnquoteUsage(fl)
		b.WriteString("  --" + fl.Name)
		if placeholder != "" {
			b.WriteString(" " + placeholder)
		}
		fmt.Fprintf(&b, "  (%s", variable(fl.Name))
		if fl.DefValue != "" && fl.DefValue != "false" && fl.DefValue != "0" {
			b.WriteString(", default " + fl.DefValue)
		}
		b.WriteString(")\n        " + strings.ReplaceAll(usage, "\n", "\n        ") + "\n")
	})
	io.WriteString(w, b.String())
}

// onLine reports whether a flag was set by the command line.
func (f *flagSet) onLine(name string) bool {
	found := false
	f.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

// choose drops what the environment says of flags that exclude one another once the command line sets one of them: the
// command line wins, and only what is said in one place can contradict itself.
func (f *flagSet) choose(names ...string) {
	if !slices.ContainsFunc(names, f.onLine) {
		return
	}
	for _, name := range names {
		if fl := f.Lookup(name); !f.onLine(name) {
			fl.Value.Set(fl.DefValue) // the default of a flag is one of its values
		}
	}
}

// given reports whether a flag was set by the command line or the environment.
func (f *flagSet) given(name string) bool {
	return f.env.getenv(variable(name)) != "" || f.onLine(name)
}
