package check

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	securityUndeclared = finding.Rule{
		ID:    "security-undeclared",
		Title: "Every operation says how it is secured",
		Why:   "Readers have to guess whether the operation is public, and tools assume that it is.",
		Fix:   "Declare `security`, at the top level or here; `security: []` says that it is public.",
	}
	securityUndefined = finding.Rule{
		ID:    "security-undefined",
		Title: "Every security requirement names a declared scheme",
		Why:   "A requirement of a scheme that does not exist cannot be met.",
		Fix:   "Declare the scheme under components.securitySchemes, or correct the name.",
	}
	securitySchemeUnused = finding.Rule{
		ID:    "security-scheme-unused",
		Title: "Every security scheme is required somewhere",
		Why:   "A reader assumes that the scheme works.",
		Fix:   "Require it, or remove it.",
	}
	securityAnswerMissing = finding.Rule{
		ID:    "security-answer-missing",
		Title: "A secured operation documents its response to missing credentials",
		Why:   "A caller cannot tell missing credentials from other failures.",
		Fix:   "Document `401` (or `403`, `4XX`, `default`).",
	}
	credentialsInURL = finding.Rule{
		ID:    "credentials-in-url",
		Title: "No credentials are sent in the URL",
		Why:   "Servers, proxies and browsers log URLs, and the keys in them.",
		Fix:   "Send the credentials in a header.",
	}
	securityScopes = finding.Rule{
		ID:    "security-scopes",
		Title: "Every required scope is one of its scheme",
		Why:   "Only OAuth 2 and OpenID Connect know scopes, and a scope that is not declared cannot be asked for.",
		Fix:   "Correct the scope, declare it in a flow of the scheme, or write `[]`.",
	}
)

var security = rule.Family{
	Rules: []finding.Rule{securityUndeclared, securityUndefined, securitySchemeUnused, securityAnswerMissing, credentialsInURL, securityScopes},
	Check: func(c *rule.Checker) {
		checkRequirements(c)
		checkSchemes(c)
		checkURLParameters(c)
	},
	Covers: map[string][]finding.Rule{"security-requirement-scheme-undefined": {securityUndefined}},
}

// checkRequirements looks at the security that each operation requires.
func checkRequirements(c *rule.Checker) {
	for _, op := range c.Index.Operations {
		list, place, declared := c.Index.Security(op)
		if !declared {
			c.ReportFor(op, securityUndeclared, op.Place, "neither the operation nor the document declares security")
		}
		for i, requirement := range list {
			for name, scopes := range requirement {
				at := place.At(strconv.Itoa(i), name)
				if c.Doc.Spec.Components == nil || c.Doc.Spec.Components.SecuritySchemes[name] == nil {
					c.ReportKey(securityUndefined, at, "there is no security scheme "+name)
					continue
				}
				checkScopes(c, at, name, c.Doc.Spec.Components.SecuritySchemes[name].Value, scopes)
			}
		}
		optional := slices.ContainsFunc(list, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
		if len(list) > 0 && !optional && len(op.Responses) > 0 && !slices.ContainsFunc(op.Responses, refusesCredentials) {
			c.ReportFor(op, securityAnswerMissing, op.Place.At("responses"),
				"the operation requires credentials and does not document its response without them")
		}
	}
}

// checkScopes looks for the scopes of a requirement in its scheme.
func checkScopes(c *rule.Checker, place source.Place, name string, scheme *openapi3.SecurityScheme, scopes []string) {
	if scheme == nil || scheme.Type == "openIdConnect" || len(scopes) == 0 {
		return
	}
	if scheme.Type != "oauth2" {
		c.ReportKey(securityScopes, place, "the security scheme "+name+" is of type "+scheme.Type+", which has no scopes: the list has to be empty")
		return
	}
	declared := map[string]bool{}
	if f := scheme.Flows; f != nil {
		for _, flow := range []*openapi3.OAuthFlow{f.Implicit, f.Password, f.ClientCredentials, f.AuthorizationCode} {
			if flow == nil {
				continue
			}
			for scope := range flow.Scopes {
				declared[scope] = true
			}
		}
	}
	for i, scope := range scopes {
		if !declared[scope] {
			c.Report(securityScopes, place.At(strconv.Itoa(i)), "no flow of the security scheme "+name+" declares the scope "+scope)
		}
	}
}

func refusesCredentials(r model.Response) bool {
	return slices.Contains([]string{"401", "403", "4XX", "4xx", "default"}, r.Status)
}

// checkSchemes looks at the security schemes that the document declares.
func checkSchemes(c *rule.Checker) {
	if c.Doc.Spec.Components == nil {
		return
	}
	used := map[string]bool{}
	require := func(list openapi3.SecurityRequirements) {
		for _, requirement := range list {
			for name := range requirement {
				used[name] = true
			}
		}
	}
	require(c.Doc.Spec.Security)
	for _, op := range c.Index.Operations {
		list, _, _ := c.Index.Security(op)
		require(list)
	}
	for name, ref := range c.Doc.Spec.Components.SecuritySchemes {
		place := c.Doc.RootPlace("components", "securitySchemes", name)
		if !used[name] {
			c.Report(securitySchemeUnused, place, "no operation requires the security scheme "+name)
		}
		if ref.Value != nil && ref.Value.Type == "apiKey" && ref.Value.In == "query" {
			c.Report(credentialsInURL, c.Doc.Target(place).At("in"), "the security scheme "+name+" puts the key into the query string")
		}
	}
}

var credential = regexp.MustCompile(`(?i)^(api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|password|passwd|secret)$`)

func checkURLParameters(c *rule.Checker) {
	for _, param := range c.Index.Parameters {
		if in := param.Value.In; (in == "query" || in == "path") && credential.MatchString(param.Value.Name) {
			c.Report(credentialsInURL, param.Place.At("name"), "the parameter "+param.Value.Name+" puts credentials into the URL")
		}
	}
}
