package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// FlagSet is the flags of one command. Define them with the methods of the
// embedded [flag.FlagSet]; a word in back quotes names the value in the help.
type FlagSet struct {
	*flag.FlagSet
	prefix string
	getenv func(string) string
}

func newFlagSet(prefix string, getenv func(string) string) *FlagSet {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard) // the program tells errors itself, in one way for flags and variables
	set.Usage = func() {}
	return &FlagSet{FlagSet: set, prefix: prefix, getenv: getenv}
}

// errHelp is the error of parse where help is asked for.
var errHelp = flag.ErrHelp

// parse reads the environment and then args into the flags; flags may stand
// before, between and after arguments, and behind "--" nothing is a flag. It
// returns the arguments, or a [*MisuseError], or errHelp.
func (f *FlagSet) parse(args []string) (arguments []string, err error) {
	wrong := f.readEnvironment()
	for {
		err := f.FlagSet.Parse(args)
		if errors.Is(err, errHelp) {
			return nil, errHelp // whatever the environment says
		}
		if err != nil {
			return nil, &MisuseError{withTwoDashes.Replace(err.Error())}
		}
		read := len(args) - f.NArg()
		if f.NArg() == 0 {
			return arguments, wrong
		}
		if read > 0 && args[read-1] == "--" {
			return append(arguments, f.Args()...), wrong
		}
		arguments = append(arguments, f.Arg(0))
		args = f.Args()[1:]
	}
}

// withTwoDashes spells flags in the errors of the flag package as the help
// does.
var withTwoDashes = strings.NewReplacer(
	"not defined: -", "not defined: --",
	"needs an argument: -", "needs an argument: --",
	`" for flag -`, `" for flag --`,
	`" for -`, `" for --`,
)

// variable returns the environment variable of a flag.
func variable(prefix, flagName string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// readEnvironment sets every flag whose variable is not empty. Its error names
// the variable but not its value, which may hold a password.
func (f *FlagSet) readEnvironment() error {
	var wrong error
	f.VisitAll(func(fl *flag.Flag) {
		name := variable(f.prefix, fl.Name)
		value := f.getenv(name)
		if value == "" || wrong != nil {
			return
		}
		err := fl.Value.Set(value)
		if list, ok := fl.Value.(*List); ok {
			list.inherited = true
		}
		if err != nil {
			wrong = Misused("environment variable %s: %v", name, err)
		}
	})
	return wrong
}

// OnLine reports whether the command line set a flag.
func (f *FlagSet) OnLine(name string) bool {
	found := false
	f.Visit(func(fl *flag.Flag) { found = found || fl.Name == name })
	return found
}

// Given reports whether the command line or the environment set a flag.
func (f *FlagSet) Given(name string) bool {
	return f.getenv(variable(f.prefix, name)) != "" || f.OnLine(name)
}

// Choose drops what the environment says of flags that exclude one another
// once the command line sets one of them: the command line wins, and only what
// is said in one place can contradict itself.
func (f *FlagSet) Choose(names ...string) {
	if !slices.ContainsFunc(names, f.OnLine) {
		return
	}
	for _, name := range names {
		if fl := f.Lookup(name); !f.OnLine(name) {
			fl.Value.Set(fl.DefValue) // the default of a flag is one of its values
		}
	}
}

// List is the value of a flag that may be repeated. What the command line says
// takes the place of what the environment says. The zero value is an empty
// list.
type List struct {
	Values    []string
	inherited bool // from the environment
}

// String implements [flag.Value].
func (l *List) String() string { return strings.Join(l.Values, ",") }

// Set implements [flag.Value]. The empty value empties the list.
func (l *List) Set(value string) error {
	if l.inherited || value == "" {
		l.Values, l.inherited = nil, false
	}
	if value != "" {
		l.Values = append(l.Values, value)
	}
	return nil
}

// commandHelp returns what a command does and every flag with its default and
// its variable. Path is what is typed to reach the command.
func commandHelp(path string, c Command, flags *FlagSet) string {
	var b strings.Builder
	b.WriteString("Usage: " + path)
	if c.Syntax != "" {
		b.WriteString(" " + c.Syntax)
	}
	b.WriteString(" [FLAG…]\n\n" + strings.TrimSpace(c.About) + "\n")
	title := "\nFlags:\n"
	flags.VisitAll(func(fl *flag.Flag) {
		placeholder, usage := flag.UnquoteUsage(fl)
		b.WriteString(title + "  --" + fl.Name)
		title = ""
		if placeholder != "" {
			b.WriteString(" " + placeholder)
		}
		fmt.Fprintf(&b, "  (%s", variable(flags.prefix, fl.Name))
		if fl.DefValue != "" && fl.DefValue != "false" && fl.DefValue != "0" {
			b.WriteString(", default " + fl.DefValue)
		}
		b.WriteString(")\n        " + strings.ReplaceAll(usage, "\n", "\n        ") + "\n")
	})
	return b.String()
}
