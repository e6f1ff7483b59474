package unseen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// effective returns the servers of an operation, given those of the document.
func effective(o *operation, top openapi3.Servers) openapi3.Servers {
	switch {
	case o.value.Servers != nil && len(*o.value.Servers) > 0:
		return *o.value.Servers
	case len(o.item.Servers) > 0:
		return o.item.Servers
	}
	return top
}

// servers tells which URLs callers can no longer use. A document without servers does not say
// where it is served, so nothing is lost of it.
func (f *finder) servers(of string, before, after openapi3.Servers, place source.Place, operation string) {
	var lost []string
	now := urls(after)
	for _, u := range urls(before) {
		if !slices.ContainsFunc(now, func(n string) bool { return n == u || wildcard(n, u) }) && !slices.Contains(lost, u) {
			lost = append(lost, u)
		}
	}
	if len(lost) > 0 {
		f.add(serverRemoved, step(f.doc, place, "servers"), operation, fmt.Sprintf("the server %s%s was removed", list(lost), of))
	}
	for i, server := range after {
		for _, old := range before {
			if server != nil && old != nil && server.URL == old.URL {
				f.serverDefaults(of, old, server, step(f.doc, place, "servers", strconv.Itoa(i)), operation)
				break
			}
		}
	}
}

// serverDefaults tells of variables that stand for something else where callers leave them alone.
func (f *finder) serverDefaults(of string, was, now *openapi3.Server, place source.Place, operation string) {
	for _, name := range variables(now.URL) {
		old, v := was.Variables[name], now.Variables[name]
		if old != nil && v != nil && old.Default != v.Default {
			f.add(serverDefault, step(f.doc, place, "variables", name, "default"), operation,
				fmt.Sprintf("the server `%s`%s: the default of the variable `%s` was changed from `%s` to `%s`", now.URL, of, name, old.Default, v.Default))
		}
	}
}

// expanded bounds the number of URLs that the variables of one server stand for.
const expanded = 100

// urls writes out the URLs of servers. A variable of which any value is allowed is {}.
func urls(servers openapi3.Servers) []string {
	var all []string
	for _, s := range servers {
		if s == nil {
			continue
		}
		list := []string{s.URL}
		for _, name := range variables(s.URL) {
			values := []string{"{}"}
			if v := s.Variables[name]; v != nil && len(v.Enum) > 0 && len(v.Enum)*len(list) <= expanded {
				values = v.Enum
			}
			var next []string
			for _, u := range list {
				for _, value := range values {
					next = append(next, strings.Replace(u, "{"+name+"}", value, 1))
				}
			}
			list = next
		}
		for _, u := range list {
			all = append(all, strings.TrimSuffix(u, "/"))
		}
	}
	return all
}

// wildcard reports whether a URL with open variables can be another one.
func wildcard(open, url string) bool {
	parts := strings.Split(open, "{}")
	if len(parts) == 1 || !strings.HasPrefix(url, parts[0]) || !strings.HasSuffix(url, parts[len(parts)-1]) {
		return false
	}
	for _, part := range parts {
		i := strings.Index(url, part)
		if i < 0 {
			return false
		}
		url = url[i+len(part):]
	}
	return true
}
