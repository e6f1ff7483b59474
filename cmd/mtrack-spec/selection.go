package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// selection is the documents that the arguments of a command lead to.
type selection struct {
	project *project
	options source.Options
	// names are the documents, each once, as the command line names them.
	names []string
	// all says that these are all documents of the configuration.
	all bool
	// named are the names that were written out, rather than matched by a glob.
	named map[string]bool
	// notes are sentences on arguments that lead to no document.
	notes []string

	loaded map[string]loaded
}

type loaded struct {
	doc *source.Document
	err error
}

// choose finds the documents for arguments: each names a document, a part of documents, or is a
// glob. Without any, they are those of the configuration. Globs also match what was there in the
// revision since, unless it is "", and has been deleted.
func choose(ctx context.Context, p *project, args []string, since string, options source.Options) (*selection, error) {
	s := &selection{project: p, options: options, loaded: map[string]loaded{}, named: map[string]bool{}}
	if len(args) == 0 && len(p.Documents) == 0 {
		return nil, command.Misused("name at least one document, or list documents in %s", config.FileName)
	}
	var configured []string
	all := len(args) == 0 || slices.ContainsFunc(args, p.isOwn)
	for i, glob := range p.Documents {
		found, err := s.glob(ctx, p.dir, glob, since)
		if errors.Is(err, errNoFile) {
			switch nothing := i == len(p.Documents)-1 && len(configured) == 0; {
			case !all: // the command line replaces them
				continue
			case config.IsGlob(glob) && !nothing:
				s.notes = append(s.notes, fmt.Sprintf("%s: below documents: %v", p.File, err))
				continue
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: below documents: %w", p.File, err)
		}
		if !config.IsGlob(glob) {
			s.named[p.name(glob)] = true
		}
		configured = append(configured, found...)
	}
	if len(args) == 0 {
		s.add(configured...)
	}
	for _, arg := range args {
		switch {
		case p.isOwn(arg) && len(p.Documents) == 0:
			return nil, fmt.Errorf("%s lists no documents: list their globs below documents", p.File)
		case p.isOwn(arg):
			s.add(configured...)
		case isGlob(arg):
			found, err := s.glob(ctx, ".", arg, since)
			if err != nil {
				return nil, command.Misused("%v", err)
			}
			for _, file := range found {
				s.addFile(ctx, file, configured)
			}
		default:
			s.named[arg] = true
			s.addFile(ctx, arg, configured)
		}
	}
	s.dropParts(ctx)
	s.all = len(configured) > 0 && !slices.ContainsFunc(configured, func(name string) bool {
		return !slices.Contains(s.names, name) && !s.part(ctx, name)
	})
	return s, nil
}

// glob returns what a glob matches in a directory, and what it matched in a revision there.
func (s *selection) glob(ctx context.Context, dir, glob, since string) ([]string, error) {
	found, err := config.Glob(dir, glob)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", glob, err)
	}
	for i, name := range found {
		if !filepath.IsAbs(name) {
			found[i] = path.Join(filepath.ToSlash(dir), name)
		}
	}
	if since != "" {
		gone, err := deleted(ctx, dir, glob, since, found)
		if err != nil {
			return nil, err
		}
		found = append(found, gone...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s %w", glob, errNoFile)
	}
	return found, nil
}

// errNoFile says of a glob that there is nothing.
var errNoFile = errors.New("matches no file")

// deleted returns what a glob matches in a revision, and is no more, under whichever name.
func deleted(ctx context.Context, dir, glob, since string, found []string) ([]string, error) {
	old := source.Revision{Rev: since, Relative: true}
	tree, err := old.Tree(ctx, dir)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, name := range tree {
		if full := path.Join(filepath.ToSlash(dir), name); config.Selects(path.Clean(glob), name) && !exists(full) {
			gone = append(gone, full)
		}
	}
	for _, name := range found {
		if len(gone) == 0 {
			break
		}
		earlier, err := old.Earlier(ctx, name)
		if err != nil {
			return nil, err
		}
		gone = slices.DeleteFunc(gone, func(name string) bool { return name == earlier })
	}
	return gone, nil
}

// isGlob reports whether an argument is a glob, and not the name of a file.
func isGlob(arg string) bool { return config.IsGlob(arg) && !exists(arg) }

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func (s *selection) add(names ...string) {
	for _, name := range names {
		if !slices.Contains(s.names, name) {
			s.names = append(s.names, name)
		}
	}
}

// addFile adds a file, or the documents of the configuration that it is a part of.
func (s *selection) addFile(ctx context.Context, file string, configured []string) {
	if !exists(file) || len(configured) == 0 {
		s.add(file)
		return
	}
	file = filepath.ToSlash(filepath.Clean(file))
	i := slices.IndexFunc(configured, func(name string) bool { return same(name, file) })
	if i >= 0 && !s.part(ctx, configured[i]) {
		s.add(configured[i])
		return
	}
	users := s.users(ctx, file, configured)
	s.add(users...)
	switch {
	case len(users) > 0:
	case s.part(ctx, file):
		s.notes = append(s.notes, fmt.Sprintf("%s is used by no document that %s lists", file, s.project.File))
	default:
		s.add(file)
	}
}

// users returns the documents that a file is a part of.
func (s *selection) users(ctx context.Context, file string, documents []string) []string {
	identity := source.Disk{}.Identity(file)
	return slices.DeleteFunc(slices.Clone(documents), func(name string) bool {
		doc, err := s.load(ctx, name)
		if err != nil {
			return true
		}
		return !slices.ContainsFunc(doc.FileNames(), func(part string) bool { return source.Disk{}.Identity(part) == identity })
	})
}

// dropParts leaves out what is no document, where another one refers to it, or a glob matched it. A
// hook that is run on all files names both, and so may a glob.
func (s *selection) dropParts(ctx context.Context) {
	var parts, documents []string
	for _, name := range s.names {
		if s.part(ctx, name) {
			parts = append(parts, name)
		} else {
			documents = append(documents, name)
		}
	}
	for _, part := range parts {
		switch {
		case len(s.users(ctx, part, documents)) > 0:
		case !s.named[part] && len(documents) > 0:
			s.notes = append(s.notes, part+" is no OpenAPI document, and no document that was named refers to it")
		default:
			documents = append(documents, part) // it is told why it is none
		}
	}
	s.names = documents
}

// beginning matches what tells a document from a part of one, so that most are not read twice.
var beginning = regexp.MustCompile(`(?m)^\s*(\{\s*)?["']?(openapi|swagger)["']?\s*:`)

// part reports whether a file is fine, and merely not an OpenAPI document.
func (s *selection) part(ctx context.Context, name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > s.options.MaxBytes {
		return false
	}
	f, err := source.Disk{}.Open(ctx, name) // which never waits
	if err != nil {
		return false
	}
	defer f.Close()
	if text, err := io.ReadAll(f); err != nil || beginning.Match(text) {
		return false
	}
	_, err = s.load(ctx, name)
	return isPart(err)
}

// isPart reports whether a text is fine, and merely not that of an OpenAPI document.
func isPart(err error) bool {
	unusable, ok := errors.AsType[*source.UnusableError](err)
	return ok && unusable.NoDocument
}

// load reads a document, once.
func (s *selection) load(ctx context.Context, name string) (*source.Document, error) {
	if l, ok := s.loaded[name]; ok {
		return l.doc, l.err
	}
	doc, err := load(ctx, name, s.options)
	if isPart(err) {
		err = fmt.Errorf("%w; if other documents refer to it, list those in %s", err, config.FileName)
	}
	s.loaded[name] = loaded{doc, err}
	return doc, err
}
