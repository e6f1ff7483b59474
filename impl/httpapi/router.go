package httpapi

import (
	"net/http"
	"slices"
	"strings"
)

// router is a [http.ServeMux] that answers what it does not know by fail. It
// is filled by the generated code and then closed by finish.
type router struct {
	*http.ServeMux
	methods map[string][]string // path → methods
}

// HandleFunc registers a pattern of the form "METHOD /path".
func (m *router) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	method, path, _ := strings.Cut(pattern, " ")
	m.methods[path] = append(m.methods[path], method)
	if method == http.MethodGet {
		m.methods[path] = append(m.methods[path], http.MethodHead) // the mux sends HEAD to GET's handler
	}
	m.ServeMux.HandleFunc(pattern, handler)
}

// finish registers what is left: the other methods of the known paths, and the
// unknown paths. Patterns with a method win over these.
func (m *router) finish(fail func(http.ResponseWriter, *http.Request, error)) {
	for path, methods := range m.methods {
		slices.Sort(methods)
		allow := strings.Join(methods, ", ")
		m.ServeMux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			fail(w, r, errMethod)
		})
	}
	m.ServeMux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fail(w, r, errUnknownPath) })
}

// clean reports whether the escaped path is absolute and has neither empty nor
// dot segments. Only such paths may reach the mux, which redirects the others:
// ".../tracks//save" must not become "the track called save".
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
