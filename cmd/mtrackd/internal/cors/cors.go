// Package cors lets web pages of some origins call the API, by the protocol
// that the Fetch standard defines.
package cors

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What preflights are told. A key travels in a header of its own and never in a
// cookie, so that no response allows credentials.
const (
	methods = "DELETE, GET, HEAD"
	headers = "Authorization, Content-Type, X-API-Key, X-Request-Id"
	exposed = "Allow, Retry-After, WWW-Authenticate, X-Request-Id"
	maxAge  = "600" // seconds for which a browser need not ask again
)

// ParseOrigin returns an origin as browsers write it, or what is wrong with it.
func ParseOrigin(origin string) (string, error) {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Contains(u.Host, "*") ||
		!strings.EqualFold(origin, u.Scheme+"://"+u.Host) {
		return "", errors.New("want one origin, such as https://app.example.com or http://localhost:3000")
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host, nil
}

// Handler lets pages of the origins, as [ParseOrigin] returns them, call next:
// it answers their preflights itself, before any key is asked for, since
// browsers send none with them. What others send goes to next unchanged.
// Without origins it returns next.
func Handler(next http.Handler, origins []string) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		sent := r.Header["Origin"]
		if len(sent) != 1 || !slices.Contains(origins, sent[0]) {
			next.ServeHTTP(w, r)
			return
		}
		header.Set("Access-Control-Allow-Origin", sent[0])
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			header.Set("Access-Control-Expose-Headers", exposed)
			next.ServeHTTP(w, r)
			return
		}
		header.Set("Access-Control-Allow-Methods", methods)
		header.Set("Access-Control-Allow-Headers", headers)
		header.Set("Access-Control-Max-Age", maxAge)
		header.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
		w.WriteHeader(http.StatusNoContent)
	})
}
