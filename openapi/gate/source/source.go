// Package source reads an OpenAPI 3.0 document, with every file that it refers
// to, and knows the line and column of each of its values.
//
// Its input is not trusted: sizes, depths, alias expansion and reference chains
// are bounded before a library sees the document, and nothing is fetched from
// the network unless that was asked for. Everything in openapi/gate, and those who
// compare other texts with a contract, read documents through it.
package source

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// DefaultMaxBytes is the limit on the size of a document, all its files together.
const DefaultMaxBytes = 10 << 20

const (
	// maxFiles bounds how many files one document may refer to.
	maxFiles = 1000
	// maxDepth bounds nesting; real documents stay below 60.
	maxDepth = 250
	// maxEntries bounds one mapping: a library below compares every key with every other.
	maxEntries = 10_000
	// maxValues bounds how many values a document has once its YAML aliases are
	// written out. A few lines of nested aliases can stand for billions.
	maxValues = 2_000_000
)

// Options says how Load behaves. The zero value reads from disk with the default limits.
type Options struct {
	// Reader opens files; nil means Disk.
	Reader Reader
	// MaxBytes bounds the size of all files together, in bytes; zero means DefaultMaxBytes.
	MaxBytes int64
	// AllowRemote permits references to http and https URLs.
	AllowRemote bool
	// Client fetches remote references; nil means http.DefaultClient.
	Client *http.Client
}

// UnusableError says that an input is not an OpenAPI 3.0 document that can be
// checked: there is nothing to report findings about.
type UnusableError struct {
	Position finding.Position
	// Reason is a sentence without its full stop, saying what is wrong.
	Reason string
	// Next says what to do about it.
	Next string
	// Option names the field of Options that set the limit, or is "".
	Option string
}

func (e *UnusableError) Error() string {
	s := e.Position.String() + ": " + e.Reason
	if e.Next != "" {
		s += ". " + e.Next
	}
	return s
}

// File is one file of a document.
type File struct {
	// Name is how the reader calls it; Display is how messages call it.
	Name, Display string
	Data          []byte
	// Root is the top value of the file.
	Root *yaml.Node
	// index finds the entries of large mappings.
	index map[*yaml.Node]map[string]int
}

// Document is an OpenAPI document and the files it consists of. It is read-only
// after Load and safe for concurrent reading.
type Document struct {
	// Root is the file that was named.
	Root *File
	// Files holds every file by name, the root among them.
	Files map[string]*File
	// Spec is the parsed document. It is nil when Problems is not empty.
	Spec *openapi3.T
	// Problems are faults that keep the document from being understood, yet can
	// be shown at their place.
	Problems []Problem
}

// Problem is a fault of the text itself.
type Problem struct {
	// Rule is one of the Rule constants of this package.
	Rule     string
	Position finding.Position
	Pointer  string
	Message  string
}

// The rules that Load itself applies.
const (
	RuleDuplicateKey  = "yaml-duplicate-key"
	RuleRefUnresolved = "ref-unresolved"
	RuleRefCycle      = "ref-cycle"
	RuleStructure     = "structure"
)

// Load reads the document named name. Input that cannot be checked at all is
// an *UnusableError; anything else that is wrong is in Problems.
func Load(ctx context.Context, name string, opts Options) (doc *Document, err error) {
	if opts.Reader == nil {
		opts.Reader = Disk{}
	}
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	if opts.Client == nil {
		opts.Client = http.DefaultClient
	}
	l := &loader{ctx: ctx, opts: opts, left: opts.MaxBytes, doc: &Document{Files: map[string]*File{}}, targets: map[string][]string{}}
	// The libraries below promise nothing about hostile input. A panic in one of
	// them is a document that cannot be checked, not a crash of the gate.
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, &UnusableError{
				Position: finding.Position{File: opts.Reader.Display(name)},
				Reason:   "the document cannot be understood by the OpenAPI library",
				Next:     "Reduce it by halves to find the part at fault",
			}
		}
	}()

	root, err := l.file(name)
	if err != nil {
		return nil, err
	}
	l.doc.Root = root
	if err := checkVersion(root); err != nil {
		return nil, err
	}
	if err := l.references(root); err != nil {
		return nil, err
	}
	if len(l.doc.Problems) == 0 {
		l.cycles()
	}
	if len(l.doc.Problems) == 0 {
		l.parse()
	}
	return l.doc, nil
}

// LoadComplete is Load for those who need a document that is understood: its first
// problem is the error.
func LoadComplete(ctx context.Context, name string, opts Options) (*Document, error) {
	doc, err := Load(ctx, name, opts)
	if err == nil && len(doc.Problems) > 0 {
		return nil, &ProblemError{doc.Problems[0]}
	}
	return doc, err
}

// ProblemError is a problem that keeps a document from being used.
type ProblemError struct{ Problem }

func (e *ProblemError) Error() string { return e.Position.String() + ": " + e.Message }

type loader struct {
	ctx  context.Context
	opts Options
	left int64
	doc  *Document
	// targets holds the files that the file part of a reference leads to, over all files.
	targets map[string][]string
}

// file reads and parses one file, once.
func (l *loader) file(name string) (*File, error) {
	if f, ok := l.doc.Files[name]; ok {
		return f, nil
	}
	f := &File{Name: name, Display: l.opts.Reader.Display(name), index: map[*yaml.Node]map[string]int{}}
	if isRemote(name) {
		f.Display = name
	}
	at := finding.Position{File: f.Display}
	if len(l.doc.Files) == maxFiles {
		return nil, &UnusableError{
			Position: at,
			Reason:   fmt.Sprintf("the document refers to more than %d files", maxFiles), Next: "Bundle it into fewer files",
		}
	}
	var in io.ReadCloser
	var err error
	if isRemote(name) {
		in, err = openRemote(l.ctx, l.opts.Client, name)
	} else {
		in, err = l.opts.Reader.Open(l.ctx, name)
	}
	if err != nil {
		return nil, &UnusableError{Position: at, Reason: "cannot be read: " + err.Error()}
	}
	defer in.Close()
	f.Data, err = io.ReadAll(io.LimitReader(in, l.left+1))
	if err != nil {
		return nil, &UnusableError{Position: at, Reason: "cannot be read: " + err.Error()}
	}
	if int64(len(f.Data)) > l.left {
		return nil, &UnusableError{
			Position: at, Option: "MaxBytes",
			Reason: fmt.Sprintf("the document is larger than the limit of %d bytes", l.opts.MaxBytes),
			Next:   "Raise the limit if the document is meant to be that large",
		}
	}
	l.left -= int64(len(f.Data))
	problems, err := f.parse()
	if err != nil {
		return nil, err
	}
	l.doc.Problems = append(l.doc.Problems, problems...)
	l.doc.Files[name] = f
	return f, nil
}

// checkVersion accepts OpenAPI 3.0, and names what else it may have been given.
func checkVersion(f *File) error {
	if key, value := f.pair(f.Root, "swagger"); key != nil {
		return f.unusable(key, fmt.Sprintf("this is a Swagger %s document, and only OpenAPI 3.0 is supported", value.Value),
			"Convert it to OpenAPI 3.0 first, for example with swagger2openapi")
	}
	key, value := f.pair(f.Root, "openapi")
	if key == nil {
		return f.unusable(f.Root, "this is not an OpenAPI document: the field openapi is missing", "Start the document with `openapi: 3.0.3`")
	}
	value = follow(value)
	version := value.Value
	switch {
	case value.Kind != yaml.ScalarNode || version == "":
		return f.unusable(key, "the field openapi does not contain a version", "Write `openapi: 3.0.3`")
	case strings.HasPrefix(version, "3.0.") && !strings.ContainsAny(version[4:], " \t\n"):
		return nil
	case version == "3.0":
		return f.unusable(value, "the version 3.0 is incomplete", "Write all three parts: `openapi: 3.0.3`")
	case strings.HasPrefix(version, "3."):
		return f.unusable(value,
			fmt.Sprintf("this is an OpenAPI %s document, and only 3.0 is supported: schemas mean something else in 3.1 and later", version),
			"Write it as `openapi: 3.0.3`, with `nullable: true` in place of type lists")
	}
	return f.unusable(value, fmt.Sprintf("OpenAPI version %q is not supported", version), "Write it as `openapi: 3.0.3`")
}

// parse hands the document to the OpenAPI library. Every file is read already,
// so that the library reads nothing by itself.
func (l *loader) parse() {
	loader := openapi3.NewLoader()
	loader.Context = l.ctx
	loader.IncludeOrigin = true
	loader.JoinFunc = func(base, relative *url.URL) *url.URL {
		baseName, text := "", nameOf(relative)
		if base != nil {
			baseName = nameOf(base)
		}
		name := join(baseName, text)
		if _, known := l.doc.Files[name]; !known && len(l.targets[text]) == 1 {
			// The library at times takes a reference of one file for one of another
			// file. Where the text alone is unambiguous, it decides.
			name = l.targets[text][0]
		}
		return locationOf(name)
	}
	reading := l.doc.Root
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, location *url.URL) ([]byte, error) {
		if f, ok := l.doc.Files[nameOf(location)]; ok {
			reading = f
			return f.Data, nil
		}
		return nil, fmt.Errorf("the file %q is not part of the document", nameOf(location))
	}
	spec, err := loader.LoadFromDataWithPath(l.doc.Root.Data, locationOf(l.doc.Root.Name))
	if err != nil {
		l.doc.Problems = append(l.doc.Problems, l.doc.problemsFromParser(err, reading)...)
		return
	}
	l.doc.Spec = spec
}

func isRemote(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// join resolves a reference's file part against the file that holds it.
func join(base, relative string) string {
	switch {
	case isRemote(relative):
		return relative
	case isRemote(base):
		b, err := url.Parse(base)
		if err != nil {
			return relative
		}
		return b.ResolveReference(&url.URL{Path: relative}).String()
	case path.IsAbs(relative):
		return path.Clean(relative)
	}
	return path.Join(path.Dir(base), relative)
}

func nameOf(u *url.URL) string {
	if u.Host != "" {
		v := *u
		v.Fragment = ""
		return v.String()
	}
	return u.Path
}

func locationOf(name string) *url.URL {
	if isRemote(name) {
		if u, err := url.Parse(name); err == nil {
			return u
		}
	}
	return &url.URL{Path: name}
}

// FileNames returns the names of all files, the root first, the rest sorted.
func (d *Document) FileNames() []string {
	names := make([]string, 0, len(d.Files))
	for name := range d.Files {
		if name != d.Root.Name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return append([]string{d.Root.Name}, names...)
}
