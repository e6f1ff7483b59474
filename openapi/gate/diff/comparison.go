package diff

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	// Gone are the documents that were removed, and Unread those that cannot be read.
	Gone, Unread []string
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
	result.accept(before, after)
	c.After = append(c.After, after)
	c.Breaking = append(c.Breaking, result.Breaking...)
	c.Requirements = append(c.Requirements, result.Requirements...)
	c.Notes = append(c.Notes, result.Notes...)
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

// Range is what documents are compared with, and in which state.
type Range struct {
	// Before is the older revision.
	Before string
	// After is the newer revision, or "" for the working directory.
	After string
	// Name is how it was named.
	Name string
}

// ParseRange reads which revisions are meant: REV is where the working directory's branch left REV,
// A...B is where B left A, and B; A..B is A and B. An empty side is HEAD. Where no common
// ancestor is known, as in a shallow clone, A itself is meant, and note is called with a sentence
// that says so, or that another commit is meant than the one that was named.
func ParseRange(ctx context.Context, text string, note func(string)) (Range, error) {
	r := Range{Name: text}
	if a, b, ok := strings.Cut(text, ".."); ok && !strings.HasPrefix(b, ".") {
		r.Before, r.After = head(a), head(b)
		return r, nil
	}
	a, b, several := strings.Cut(text, "...")
	r.Before = head(a)
	if several {
		r.After = head(b)
	}
	base, err := source.MergeBase(ctx, r.Before, head(r.After))
	if err != nil {
		return r, err
	}
	commit, err := source.Revision{Rev: r.Before}.Commit(ctx)
	switch {
	case err != nil:
		return r, err
	case base == "":
		note(fmt.Sprintf("%s and %s have no common ancestor here, as in a shallow clone: comparing with %s itself", r.Before, head(r.After), r.Before))
	case base != commit:
		note(fmt.Sprintf("comparing with %.10s, where %s left %s", base, head(r.After), r.Before))
		r.Before = base
	}
	return r, nil
}

func head(rev string) string {
	if rev == "" {
		return "HEAD"
	}
	return rev
}

// Against compares documents with what they were, also under an earlier name. A
// document that the older revision does not have is new, and there is nothing to
// compare; one that the newer does not have was removed. One that cannot be read, or not be
// compared, is a finding and keeps none of the others from being compared; one that is in
// neither is an error. Note is called with a sentence for each document that is new or has
// another name.
func Against(ctx context.Context, r Range, names []string, opts source.Options, limit budget.Limit, note func(string)) (*Comparison, error) {
	c := &Comparison{Subject: fmt.Sprintf("%s since %s", finding.Plural(len(names), "document"), r.Name)}
	old := source.Revision{Rev: r.Before, Relative: true}
	oldOpts := opts
	oldOpts.Reader = old
	if r.After != "" {
		c.Subject = fmt.Sprintf("%s in %s", finding.Plural(len(names), "document"), r.Name)
		opts.Reader = source.Revision{Rev: r.After, Relative: true}
	}
	for _, name := range names {
		if filepath.IsAbs(name) {
			return nil, fmt.Errorf("%s: name it relative to the working directory, as git does", name)
		}
		name = filepath.ToSlash(filepath.Clean(name))
		earlier, err := old.Earlier(ctx, name)
		if err != nil {
			return nil, err
		}
		if earlier == name && !r.has(ctx, name) {
			c.removed(name, r)
			continue
		}
		after, err := source.LoadComplete(ctx, name, opts)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && earlier == "" && !r.has(ctx, name):
			return nil, err // it is nowhere
		case err != nil:
			c.unreadable(name, err)
			continue
		case earlier == "":
			note(fmt.Sprintf("%s is new since %s: nothing to compare", name, r.Name))
			continue
		case earlier != name:
			note(fmt.Sprintf("%s was %s in %s", name, earlier, r.Name))
		}
		before, err := source.LoadComplete(ctx, earlier, oldOpts)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			c.unreadableBase(after, err)
			continue
		}
		err = c.add(ctx, before, after, limit)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			c.unfinished(after, err)
		}
	}
	return c, nil
}

// has reports whether a document is still there.
func (r Range) has(ctx context.Context, name string) bool {
	if r.After != "" {
		return source.Revision{Rev: r.After, Relative: true}.Has(ctx, name)
	}
	_, err := os.Lstat(filepath.FromSlash(name))
	return !errors.Is(err, fs.ErrNotExist)
}

// removed tells of a document that is gone. There is no line to show it at.
func (c *Comparison) removed(name string, r Range) {
	c.Gone = append(c.Gone, name)
	f := by(documentRemoved, finding.Position{File: name}, fmt.Sprintf("the document was removed since %s", r.Name), "every caller of the API")
	f.Operation = everyOperation
	c.Breaking = append(c.Breaking, f)
}

// unreadable tells of a new version that cannot be read, where the fault is. The other documents
// are compared all the same.
func (c *Comparison) unreadable(name string, err error) {
	at, message := finding.Position{File: name}, err.Error()
	if problem, ok := errors.AsType[*source.ProblemError](err); ok {
		at, message = problem.Position, problem.Message
	} else if unusable, ok := errors.AsType[*source.UnusableError](err); ok {
		at, message = unusable.Position, strings.TrimPrefix(message, unusable.Position.String()+": ")
	}
	c.Unread = append(c.Unread, at.File)
	f := by(documentUnreadable, at, "the document cannot be compared: "+message, "every caller of the API")
	f.Operation = everyOperation
	c.Breaking = append(c.Breaking, f)
}

// unreadableBase tells of an old version that cannot be read. The new one can, and may be what
// repairs it: this fails nothing unless warnings do.
func (c *Comparison) unreadableBase(after *source.Document, err error) {
	c.After = append(c.After, after)
	message := fmt.Sprintf("the base cannot be compared: %v; from this commit on it can", err)
	c.Breaking = append(c.Breaking, by(baseUnreadable, top(after), message, "nobody, as far as this can tell"))
}

// unfinished tells of a comparison that was given up.
func (c *Comparison) unfinished(after *source.Document, err error) {
	c.After = append(c.After, after)
	f := by(diffUnfinished, top(after), err.Error(), "callers, by changes that nobody looked at")
	f.Operation = everyOperation
	c.Breaking = append(c.Breaking, f)
}

// by returns a finding by a rule of this package, about no operation yet.
func by(r finding.Rule, at finding.Position, message, affects string) finding.Finding {
	return finding.Finding{Position: at, Rule: r.ID, Level: r.Level, Message: message, Fix: r.Fix, Affects: affects}
}

// top is where findings about a whole document are shown.
func top(doc *source.Document) finding.Position {
	return finding.Position{File: doc.Root.Display, Line: 1, Column: 1}
}
