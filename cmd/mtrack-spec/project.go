package main

import (
	"os"
	"path/filepath"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// project is the configuration of what a command works on.
type project struct {
	*config.Config
	// dir is the directory of the configuration, relative to the working directory.
	dir string
}

// configFlag adds --config, and returns what reads the configuration.
func configFlag(fs *command.FlagSet) func() (*project, error) {
	name := fs.String("config", "", "`FILE` with the configuration, or none; default: "+config.FileName+" in the working directory,\n"+
		"or in the nearest directory above it in the git checkout")
	return func() (*project, error) { return openProject(*name) }
}

// openProject reads the configuration that was named, or else the one that is found.
func openProject(name string) (*project, error) {
	working, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if name == "" {
		if name, err = config.Find(working); err != nil {
			return nil, err
		}
	} else if name == "none" {
		name = ""
	}
	p := &project{Config: config.Default(working)}
	if name != "" {
		if relative, err := filepath.Rel(working, name); err == nil && filepath.IsAbs(name) {
			name = relative
		}
		if p.Config, err = config.Load(filepath.ToSlash(name), known()); err != nil {
			return nil, err
		}
	}
	p.dir, err = filepath.Rel(working, p.Dir)
	return p, err
}

// known is the ids of rules that a configuration may name.
func known() config.Known {
	ids := func(rules []finding.Rule) (list []string) {
		for _, r := range rules {
			list = append(list, r.ID)
		}
		return list
	}
	return config.Known{Check: ids(check.Rules()), Diff: ids(diff.Rules())}
}

// name returns how the working directory calls a file that is named relative to the configuration.
func (p *project) name(file string) string {
	return filepath.ToSlash(filepath.Join(p.dir, filepath.FromSlash(file)))
}

// baseline returns the path of the baseline.
func (p *project) baseline() string { return p.name(config.BaselineName) }

// isOwn reports whether a file is the configuration itself, or the baseline beside it.
func (p *project) isOwn(file string) bool {
	return p.File != "" && (same(file, p.File) || same(file, p.baseline()))
}

func same(a, b string) bool {
	first, errA := filepath.Abs(a)
	second, errB := filepath.Abs(b)
	return errA == nil && errB == nil && first == second
}
