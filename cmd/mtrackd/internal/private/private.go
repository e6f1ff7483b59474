// Package private keeps strangers' web pages away from the listeners that ask
// for no key: those of the provisioner and of the administrators.
package private

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
)

// ParseHost returns a name by which a private listener may be called, or what
// is wrong with it: it must be a host without a port.
func ParseHost(name string) (string, error) {
	if name == "" || strings.ContainsAny(name, ":/@*[] \t") {
		return "", errors.New("want the name of a host, without scheme and port")
	}
	return strings.ToLower(strings.TrimSuffix(name, ".")), nil
}

// Handler passes on to next what no web page can have sent, except with the
// consent of whoever runs the server; the rest gets 403 and a JSON body
// {"error": "..."}.
//
// A page that somebody opens in a browser may send requests to any address that
// the browser can reach. Browsers say so: with Origin, or with a Sec-Fetch-Site
// that names another site. A page whose own name was pointed at this address
// ("DNS rebinding") is of the same site, and known by its name in Host. What
// cannot be pointed anywhere from outside is let through: addresses, localhost,
// names of one word, such as containers have, and names under the domains that
// are reserved for private networks. Hosts are further names, as [ParseHost]
// returns them.
func Handler(next http.Handler, hosts ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch site := r.Header.Get("Sec-Fetch-Site"); {
		case r.Header["Origin"] != nil, site == "cross-site", site == "same-site":
			refuse(w, http.StatusForbidden, "this listener is not for web pages: call it from a program, without Origin and Sec-Fetch-Site")
		case !isPrivate(r.Host, hosts):
			refuse(w, http.StatusForbidden, "this listener is not known by the name in Host: call it by its address, or start mtrackd with that name as --allow-host")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// WithoutBody passes on to next what has no body; the rest gets 413.
func WithoutBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			w.Header().Set("Connection", "close") // rather than to read it
			refuse(w, http.StatusRequestEntityTooLarge, "this listener takes no bodies")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// privateDomains are those that no public name server may answer for.
var privateDomains = []string{".localhost", ".internal", ".local", ".test"}

// isPrivate reports whether nobody outside decides what a Host stands for.
// HTTP/1.0 has requests without one, which no browser sends.
func isPrivate(host string, hosts []string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	address, _, _ := strings.Cut(strings.Trim(host, "[]"), "%")
	return !strings.Contains(host, ".") && !strings.ContainsAny(host, ":[]") ||
		net.ParseIP(address) != nil ||
		slices.Contains(hosts, host) ||
		slices.ContainsFunc(privateDomains, func(domain string) bool { return strings.HasSuffix(host, domain) })
}

// refuse sends the reason in the form of the provisioning protocol.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": reason}) // fails only where nobody listens any more
}
