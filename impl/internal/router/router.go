// Package router is a [http.ServeMux] for generated routes that answers
// nothing itself: unknown paths and wrong methods go to one function, and no
// path is ever redirected.
package router

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// What a router hands to its fail function.
var (
	ErrUnknownPath = errors.New("unknown path")
	// ErrMethod comes with the header Allow already set.
	ErrMethod = errors.New("method not allowed")
)

// Router fills up with HandleFunc and is then closed by Finish. It may serve
// concurrently from then on.
type Router struct {
	mux     *http.ServeMux
	methods map[string][]string // path → methods
	fail    func(http.ResponseWriter, *http.Request, error)
}

// New returns a router without routes. Fail answers [ErrUnknownPath] and
// [ErrMethod].
func New(fail func(http.ResponseWriter, *http.Request, error)) *Router {
	return &Router{mux: http.NewServeMux(), methods: map[string][]string{}, fail: fail}
}

// HandleFunc registers a pattern of the form "METHOD /path".
func (m *Router) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	method, path, _ := strings.Cut(pattern, " ")
	m.methods[path] = append(m.methods[path], method)
	if method == http.MethodGet {
		m.methods[path] = append(m.methods[path], http.MethodHead) // the mux sends HEAD to GET's handler
	}
	m.mux.HandleFunc(pattern, handler)
}

// Finish registers what is left: the other methods of the known paths, and the
// unknown paths. Patterns with a method win over these.
func (m *Router) Finish() {
	for path, methods := range m.methods {
		slices.Sort(methods)
		allow := strings.Join(methods, ", ")
		m.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			m.fail(w, r, ErrMethod)
		})
	}
	m.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { m.fail(w, r, ErrUnknownPath) })
}

// ServeHTTP implements [http.Handler]. Only clean paths reach the mux, which
// redirects others: ".../tracks//save" must not become "the track called
// save".
func (m *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !clean(r.URL.EscapedPath()) {
		m.fail(w, r, ErrUnknownPath)
		return
	}
	m.mux.ServeHTTP(w, r)
}

// Path returns the path of the pattern that was matched for the request, with
// its parameters by name, or "" where the path is unknown.
func Path(r *http.Request) string {
	path := r.Pattern
	if _, rest, hasMethod := strings.Cut(path, " "); hasMethod {
		path = rest
	}
	if path == "/" {
		return ""
	}
	return path
}

// clean reports whether the escaped path is absolute and has neither empty nor
// dot segments.
func clean(path string) bool {
	rest, absolute := strings.CutPrefix(path, "/")
	if !absolute {
		return false
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
