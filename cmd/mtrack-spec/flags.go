package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// outputFlag adds --format and returns where it is kept.
func outputFlag(fs *command.FlagSet, formats ...finding.Format) *formatValue {
	v := &formatValue{format: formats[0], allowed: formats}
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	fs.Var(v, "format", "`FORMAT` of the output: "+strings.Join(names, ", "))
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
func sourceFlags(fs *command.FlagSet) *source.Options {
	opts := &source.Options{MaxBytes: source.DefaultMaxBytes, MaxFiles: source.DefaultMaxFiles}
	fs.Var((*sizeValue)(&opts.MaxBytes), "max-size", "largest accepted `SIZE` of a document, all its files together")
	fs.IntVar(&opts.MaxFiles, "max-files", opts.MaxFiles, "largest accepted number `N` of files of a document")
	fs.StringVar(&opts.Root, "root", "", "`DIRECTORY` outside of which no reference is read; default: the git checkout that holds the\n"+
		"document, or else the document's own directory")
	fs.BoolVar(&opts.AllowRemote, "allow-remote", false, "fetch references to http and https URLs; without it they are rejected")
	return opts
}

// limitFlags adds the flags on how much work may take.
func limitFlags(fs *command.FlagSet) *budget.Limit {
	limit := &budget.Limit{Memory: budget.DefaultMemory}
	fs.Var((*timeValue)(&limit.Time), "max-time", "longest `TIME` that the rules, or a comparison, may take for one document; default: 10s, and\n"+
		"10s more for each MiB")
	fs.Var((*sizeValue)(&limit.Memory), "max-memory", "largest `SIZE` of the memory in use, beyond which a check or a comparison is given up")
	return limit
}

// timeValue is a duration above zero; zero stands for the default.
type timeValue time.Duration

func (v *timeValue) String() string {
	if *v == 0 {
		return ""
	}
	return time.Duration(*v).String()
}

func (v *timeValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("give a time such as 90s or 5m")
	}
	*v = timeValue(d)
	return nil
}
