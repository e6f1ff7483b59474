package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// load reads a document from disk or, as REV:PATH, from a git revision.
func load(ctx context.Context, arg string, options source.Options) (*source.Document, error) {
	name, options, err := documentArgument(arg, options)
	if err != nil {
		return nil, err
	}
	doc, err := source.Load(ctx, name, options)
	return doc, withHint(err)
}

// loadComplete reads a document that has to be understood.
func loadComplete(ctx context.Context, arg string, options source.Options) (*source.Document, error) {
	name, options, err := documentArgument(arg, options)
	if err != nil {
		return nil, err
	}
	doc, err := source.LoadComplete(ctx, name, options)
	return doc, withHint(err)
}

// documentArgument returns the name of a document on the command line, and the
// options to read it with.
func documentArgument(arg string, options source.Options) (string, source.Options, error) {
	rev, path, ok := strings.Cut(arg, ":")
	if _, err := os.Stat(arg); err == nil || !ok || isWindowsPath(arg) {
		// Annotations are matched with the changed files by their plain path.
		return filepath.ToSlash(filepath.Clean(arg)), options, nil
	}
	if rev == "" || path == "" {
		return "", options, command.Misused("%s: write a git revision as REV:PATH", arg)
	}
	name, relative := strings.CutPrefix(path, "./")
	options.Reader = source.Revision{Rev: rev, Relative: relative}
	return name, options, nil
}

// isWindowsPath reports whether arg begins with a drive, as C:\api.yaml does.
func isWindowsPath(arg string) bool {
	return len(arg) > 2 && arg[1] == ':' && (arg[2] == '\\' || arg[2] == '/')
}

// withHint adds to an error about a document which flag or command helps.
func withHint(err error) error {
	var unusable *source.UnusableError
	var problem *source.ProblemError
	var exceeded *budget.ExceededError
	switch {
	case errors.As(err, &unusable) && unusable.Option != "":
		flag := map[string]string{"MaxBytes": "--max-size", "MaxFiles": "--max-files", "AllowRemote": "--allow-remote"}[unusable.Option]
		return fmt.Errorf("%w (%s)", err, flag)
	case errors.As(err, &exceeded) && exceeded.Memory:
		return fmt.Errorf("%w (--max-memory)", err)
	case errors.As(err, &exceeded):
		return fmt.Errorf("%w (--max-time)", err)
	case errors.As(err, &problem):
		return fmt.Errorf("%w; `%s check` shows all findings", err, tool)
	}
	return err
}

// checkout returns how findings in the documents name their files in the checkout
// that GitHub Actions shows.
func checkout(env command.Environment, docs ...*source.Document) func(file string) string {
	return finding.Checkout(env.Getenv("GITHUB_WORKSPACE"), revisions(docs)...)
}

// revisions returns the git revisions that documents were read from, each written "REV:".
func revisions(docs []*source.Document) []string {
	var list []string
	for _, doc := range docs {
		if at, ok := strings.CutSuffix(doc.Root.Display, doc.Root.Name); ok && at != "" {
			list = append(list, strings.TrimSuffix(at, "./"))
		}
	}
	return list
}
