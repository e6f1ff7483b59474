package diff

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Comparison is what the comparison of several documents found.
type Comparison struct {
	Result
	// Subject names what was compared.
	Subject string
	// After are the new documents, in which the findings are shown.
	After []*source.Document
}

// add compares a document with what it was. The library that compares cannot be stopped: a
// comparison that goes beyond the limit is dropped.
func (c *Comparison) add(ctx context.Context, before, after *source.Document, limit budget.Limit) error {
	var result Result
	var failed error
	err := limit.Of(before.Size()+after.Size()).Run(ctx, func() { result, failed = Documents(before, after) })
	var exceeded *budget.ExceededError
	switch {
	case errors.As(err, &exceeded):
		return fmt.Errorf("%s and %s cannot be compared: %w", before.Root.Display, after.Root.Display, err)
	case err != nil:
		return err
	case failed != nil:
		return failed
	}
	c.After = append(c.After, after)
	c.Breaking = append(c.Breaking, result.Breaking...)
	c.Requirements = append(c.Requirements, result.Requirements...)
	return nil
}

// Versions compares two documents that were loaded completely.
func Versions(ctx context.Context, before, after *source.Document, limit budget.Limit) (*Comparison, error) {
	c := &Comparison{Subject: before.Root.Display + " -> " + after.Root.Display}
	if err := c.add(ctx, before, after, limit); err != nil {
		return nil, err
	}
	return c, nil
}

// Against compares documents of the working directory with what they were in a git
// revision, also under an earlier name. A document that the revision does not have
// is new, and there is nothing to compare. Note is called with a sentence for each
// document that is new or has another name.
func Against(ctx context.Context, rev string, names []string, opts source.Options, limit budget.Limit, note func(string)) (*Comparison, error) {
	c := &Comparison{Subject: fmt.Sprintf("%s since %s", finding.Plural(len(names), "document"), rev)}
	old := source.Revision{Rev: rev, Relative: true}
	oldOpts := opts
	oldOpts.Reader = old
	for _, name := range names {
		if filepath.IsAbs(name) {
			return nil, fmt.Errorf("%s: name it relative to the working directory, as git does", name)
		}
		name = filepath.ToSlash(filepath.Clean(name))
		after, err := source.LoadComplete(ctx, name, opts)
		if err != nil {
			return nil, err
		}
		earlier, err := old.Earlier(ctx, name)
		switch {
		case err != nil:
			return nil, err
		case earlier == "":
			note(fmt.Sprintf("%s is new since %s: nothing to compare", name, rev))
			continue
		case earlier != name:
			note(fmt.Sprintf("%s was %s in %s", name, earlier, rev))
		}
		before, err := source.LoadComplete(ctx, earlier, oldOpts)
		if err != nil {
			return nil, err
		}
		if err := c.add(ctx, before, after, limit); err != nil {
			return nil, err
		}
	}
	return c, nil
}
