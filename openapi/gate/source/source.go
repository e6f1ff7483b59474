// Package source reads an OpenAPI 3.0 document, with every file that it refers
// to, and knows the line and column of each of its values.
//
// Its input is not trusted: sizes, depths, alias expansion and reference chains
// are bounded before a library sees the document, references read regular files of
// one directory, and nothing is fetched from the network unless that was asked for.
// Everything in openapi/gate, and those who compare other texts with a contract, read
// documents through it.
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
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/link"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// DefaultMaxBytes is the limit on the size of a document, all its files together.
const DefaultMaxBytes = 10 << 20

// DefaultMaxFiles is the limit on the number of files of a document.
const DefaultMaxFiles = 10_000

const (
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
	// MaxFiles bounds the number of files; zero means DefaultMaxFiles.
	MaxFiles int
	// Root is the directory outside of which no reference to a file on disk reads. When it is
	// empty it is the git checkout that the document is in, or else the document's directory.
	Root string
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
	// NoDocument says that the text is fine, and is not that of an OpenAPI document: it may be a
	// part of one.
	NoDocument bool
	// Option names the field of Options that set the limit, or is "".
	Option string
	// unread means that the file could not be read at all.
	unread bool
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
	// broken means that the text has a fault, and Root is empty.
	broken bool
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
	// Spec is the parsed document. It is nil where Problems keep it from being understood.
	Spec *openapi3.T
	// Problems are faults that keep the document from being understood, yet can
	// be shown at their place.
	Problems []Problem
	// References are all references to schemas in Spec, and Fragments the schemas in other
	// files that nothing in Spec holds but by reference.
	References []*openapi3.SchemaRef
	Fragments  []*openapi3.Schema

	// targets holds what references lead to, by what holds them.
	targets map[*yaml.Node]Place
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
	RuleSyntax        = "syntax"
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
	if opts.MaxFiles <= 0 {
		opts.MaxFiles = DefaultMaxFiles
	}
	l := &loader{
		ctx: ctx, opts: opts, left: opts.MaxBytes, byIdentity: map[string]*File{},
		doc:  &Document{Files: map[string]*File{}, targets: map[*yaml.Node]Place{}},
		hops: map[*yaml.Node]target{}, hopping: map[*yaml.Node]bool{}, links: map[*yaml.Node]link.Reference{},
	}
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

	root, err := l.file(name, "")
	if err != nil {
		return nil, err
	}
	l.doc.Root = root
	if root.broken {
		return l.doc, nil
	}
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
		l.resolve()
		l.build()
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
	// byIdentity finds a file under whichever name it is reached.
	byIdentity map[string]*File
	// waiting holds the references of all files by what holds them, hops what they lead to
	// directly, and links what they lead to in the end. Hopping are those being followed.
	waiting map[*yaml.Node]reference
	hops    map[*yaml.Node]target
	hopping map[*yaml.Node]bool
	links   map[*yaml.Node]link.Reference
}

// identity returns what is equal for all names of a file.
func (l *loader) identity(name string) string {
	if r, ok := l.opts.Reader.(referenceReader); ok && !isRemote(name) {
		return r.Identity(name)
	}
	return name
}

// known returns a file that was read, or nil.
func (l *loader) known(name string) *File {
	if f, ok := l.doc.Files[name]; ok {
		return f
	}
	return l.byIdentity[l.identity(name)]
}

// file reads and parses one file, once. Base is the file that refers to it, "" for the
// document itself.
func (l *loader) file(name, base string) (*File, error) {
	if f := l.known(name); f != nil {
		return f, nil
	}
	f := &File{Name: name, Display: l.opts.Reader.Display(name), index: map[*yaml.Node]map[string]int{}}
	if isRemote(name) {
		f.Display = name
	}
	at := finding.Position{File: f.Display}
	if len(l.doc.Files) >= l.opts.MaxFiles {
		return nil, &UnusableError{
			Position: at, Option: "MaxFiles",
			Reason: fmt.Sprintf("the document refers to more than %d files", l.opts.MaxFiles), Next: "Bundle it into fewer files",
		}
	}
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	in, err := l.open(name, base)
	if err != nil {
		return nil, &UnusableError{Position: at, Reason: "cannot be read: " + err.Error(), unread: true}
	}
	defer in.Close()
	f.Data, err = io.ReadAll(io.LimitReader(in, l.left+1))
	if err != nil {
		return nil, &UnusableError{Position: at, Reason: "cannot be read: " + err.Error(), unread: true}
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
	l.byIdentity[l.identity(name)] = f
	return f, nil
}

func (l *loader) open(name, base string) (io.ReadCloser, error) {
	if isRemote(name) {
		return openRemote(l.ctx, l.opts.Client, name)
	}
	if r, ok := l.opts.Reader.(referenceReader); ok && base != "" {
		return r.OpenReferenced(name, r.Boundary(l.opts.Root, l.doc.Root.Name))
	}
	return l.opts.Reader.Open(l.ctx, name)
}

// checkVersion accepts OpenAPI 3.0, and names what else it may have been given.
func checkVersion(f *File) error {
	if key, value := f.pair(f.Root, "swagger"); key != nil {
		return f.unusable(key, fmt.Sprintf("this is a Swagger %s document, and only OpenAPI 3.0 is supported", value.Value),
			"Convert it to OpenAPI 3.0 first, for example with swagger2openapi")
	}
	key, value := f.pair(f.Root, "openapi")
	if key == nil {
		e := f.unusable(f.Root, "this is not an OpenAPI document: the field openapi is missing", "Start the document with `openapi: 3.0.3`")
		e.NoDocument = true
		return e
	}
	value = nodes.Follow(value)
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

// build fills the types of the OpenAPI library.
func (l *loader) build() {
	result := link.Build(l.doc.Root.Name, l.doc.Root.Root, l.links)
	if len(result.Told) > 0 {
		l.doc.Problems = append(l.doc.Problems, l.doc.problems(result.Told)...)
	}
	if len(result.Faults) > 0 {
		l.doc.Problems = append(l.doc.Problems, l.doc.problems(result.Faults)...)
		return
	}
	l.doc.Spec, l.doc.References, l.doc.Fragments = result.Spec, result.References, result.Fragments
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

// Size returns how many bytes all files have together.
func (d *Document) Size() int {
	size := 0
	for _, f := range d.Files {
		size += len(f.Data)
	}
	return size
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
