package check

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var (
	serverInsecure = finding.Rule{
		ID:    "server-insecure",
		Title: "Servers are reached over https",
		Why:   "Credentials and data are sent in clear text.",
		Fix:   "Use https; http is for local servers only.",
	}
	serverTrailingSlash = finding.Rule{
		ID:    "server-trailing-slash",
		Title: "No server URL ends in a slash",
		Why:   "Paths begin with a slash: together they make an empty segment.",
		Fix:   "Remove the trailing slash.",
	}
)

var servers = rule.Family{
	Rules: []finding.Rule{serverInsecure, serverTrailingSlash},
	Check: checkServers,
}

func checkServers(c *rule.Checker) {
	for i, s := range c.Doc.Spec.Servers {
		u, err := url.Parse(s.URL)
		if err != nil || u.Scheme != "http" || local(u.Hostname()) {
			continue
		}
		c.Report(serverInsecure, c.Doc.RootPlace("servers", strconv.Itoa(i), "url"), "the server "+s.URL+" is reached over http")
	}
	for _, o := range c.Objects {
		if o.Kind != "server" {
			continue
		}
		if n := o.Field("url"); n != nil && strings.HasSuffix(n.Value, "/") {
			c.ReportNode(serverTrailingSlash, o.Place().At("url"), n, "the URL of the server "+n.Value+" ends in a slash")
		}
	}
}

// local reports whether host is this machine, or a name that never leaves it.
func local(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified()
	}
	return host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || strings.Contains(host, "{") || !strings.Contains(host, ".")
}
