package check

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// operationIDs reports operations without an id, and ids that stand twice.
func (p *pass) operationIDs() {
	first := map[string]operation{}
	for _, op := range p.index.Operations {
		id := op.Value.OperationID
		if id == "" {
			p.reportFor(ruleIDMissing, op.Place, &op, "the operation has no operationId")
			continue
		}
		if earlier, ok := first[id]; ok {
			p.reportFor(ruleIDDuplicate, op.Place.At("operationId"), &op,
				fmt.Sprintf("the operationId %s is that of %s %s too", id, earlier.Method, earlier.Path))
			continue
		}
		first[id] = op
	}
}

var template = regexp.MustCompile(`\{([^{}]+)\}`)

// pathParameters compares the templates of a path with the parameters declared.
func (p *pass) pathParameters() {
	for _, op := range p.index.Operations {
		var wanted []string
		for _, m := range template.FindAllStringSubmatch(op.Path, -1) {
			wanted = append(wanted, m[1])
		}
		for _, param := range op.Parameters {
			if param.Value.In != openapi3.ParameterInPath {
				continue
			}
			name := param.Value.Name
			i := slices.Index(wanted, name)
			if i < 0 {
				p.reportFor(rulePathParameters, param.Place.At("name"), &op, fmt.Sprintf("the path has no {%s}", name))
				continue
			}
			wanted = slices.Delete(wanted, i, i+1)
			if !param.Value.Required {
				p.report(rulePathParameters, param.Place, fmt.Sprintf("the path parameter %s is not `required: true`", name))
			}
		}
		for _, name := range wanted {
			p.reportFor(rulePathParameters, op.Place, &op, fmt.Sprintf("{%s} of the path is not declared as a parameter", name))
		}
	}
}

func (p *pass) pathSlashes() {
	for path := range p.doc.Spec.Paths.Map() {
		if len(path) > 1 && strings.HasSuffix(path, "/") {
			p.report(rulePathSlash, p.root("paths", path), "the path "+path+" ends in a slash")
		}
	}
}

func (p *pass) parameterSchemas() {
	for _, param := range p.index.Parameters {
		if param.Value.Schema == nil && len(param.Value.Content) == 0 {
			p.report(ruleParamSchema, param.Place, "the parameter "+param.Value.Name+" has neither a schema nor content")
		}
	}
	for _, h := range p.index.Headers {
		if h.Value.Schema == nil && len(h.Value.Content) == 0 {
			p.report(ruleParamSchema, h.Place, "the header has neither a schema nor content ("+describe(h.Place)+")")
		}
	}
}

func (p *pass) ignoredHeaders() {
	for _, param := range p.index.Parameters {
		name := strings.ToLower(param.Value.Name)
		if param.Value.In == openapi3.ParameterInHeader && (name == "accept" || name == "content-type" || name == "authorization") {
			p.report(ruleHeaderIgnored, param.Place.At("name"), "OpenAPI ignores a header parameter of the name "+param.Value.Name)
		}
	}
	for _, r := range p.index.Responses {
		for name := range r.Value.Headers {
			if strings.EqualFold(name, "content-type") {
				p.report(ruleHeaderIgnored, r.Place.At("headers", name), "OpenAPI ignores a response header of the name "+name)
			}
		}
	}
}

func (p *pass) unreachableDefaults() {
	for _, param := range p.index.Parameters {
		if s := param.Value.Schema; param.Value.Required && s != nil && s.Value != nil && s.Value.Default != nil {
			place := param.Place.At("schema").Follow(s.Ref).At("default")
			p.report(ruleDefaultUnused, place, "the parameter "+param.Value.Name+" is required and has a default")
		}
	}
}

// tags reports undeclared tags, where the document declares tags at all.
func (p *pass) tags() {
	declared := p.doc.Spec.Tags
	if len(declared) == 0 {
		return
	}
	for _, op := range p.index.Operations {
		for i, name := range op.Value.Tags {
			if declared.Get(name) == nil {
				p.reportFor(ruleTagUndefined, op.Place.At("tags", strconv.Itoa(i)), &op, "the tag "+name+" is not declared")
			}
		}
	}
}

// links reports links to an operationId that no operation has, and links by
// reference that lead nowhere in the document.
func (p *pass) links() {
	ids := map[string]bool{}
	for _, op := range p.index.Operations {
		ids[op.Value.OperationID] = true
	}
	check := func(place source.Place, ref *openapi3.LinkRef) {
		if ref.Value == nil || ref.Ref != "" {
			return
		}
		if id := ref.Value.OperationID; id != "" && !ids[id] {
			p.report(ruleLink, place.At("operationId"), "no operation has the operationId "+id)
		}
		if to := ref.Value.OperationRef; strings.HasPrefix(to, "#") && p.doc.Node(place.Follow(to)) == nil {
			p.report(ruleLink, place.At("operationRef"), "the reference "+to+" leads to no operation")
		}
	}
	for _, r := range p.index.Responses {
		for name, ref := range r.Value.Links {
			check(r.Place.At("links", name), ref)
		}
	}
	if c := p.doc.Spec.Components; c != nil {
		for name, ref := range c.Links {
			check(p.root("components", "links", name), ref)
		}
	}
}

func (p *pass) unexpectedBodies() {
	for _, op := range p.index.Operations {
		if op.Value.RequestBody != nil && slices.Contains([]string{"GET", "HEAD", "DELETE"}, op.Method) {
			p.reportFor(ruleBody, op.Place.At("requestBody"), &op, op.Method+" declares a request body")
		}
	}
}

// requirements returns the security of an operation with the place where it stands.
func (p *pass) requirements(op operation) (openapi3.SecurityRequirements, source.Place, bool) {
	if op.Value.Security != nil {
		return *op.Value.Security, op.Place.At("security"), true
	}
	// The library cannot tell an absent list from an empty one at the top.
	if p.doc.Node(p.root("security")) != nil {
		return p.doc.Spec.Security, p.root("security"), true
	}
	return nil, source.Place{}, false
}

func (p *pass) undeclaredSecurity() {
	for _, op := range p.index.Operations {
		if _, _, ok := p.requirements(op); !ok {
			p.reportFor(ruleSecurityUndeclared, op.Place, &op, "neither the operation nor the document declares security")
		}
	}
}

func (p *pass) undefinedSecurity() {
	for _, op := range p.index.Operations {
		list, place, _ := p.requirements(op)
		for i, requirement := range list {
			for name := range requirement {
				if p.doc.Spec.Components == nil || p.doc.Spec.Components.SecuritySchemes[name] == nil {
					p.reportKey(ruleSecurityUndefined, place.At(strconv.Itoa(i), name), "there is no security scheme "+name)
				}
			}
		}
	}
}

func (p *pass) unusedSecurity() {
	if p.doc.Spec.Components == nil {
		return
	}
	used := map[string]bool{}
	for _, requirement := range p.doc.Spec.Security {
		for name := range requirement {
			used[name] = true
		}
	}
	for _, op := range p.index.Operations {
		list, _, _ := p.requirements(op)
		for _, requirement := range list {
			for name := range requirement {
				used[name] = true
			}
		}
	}
	for name := range p.doc.Spec.Components.SecuritySchemes {
		if !used[name] {
			p.report(ruleSecurityUnused, p.root("components", "securitySchemes", name), "the security scheme "+name+" is required nowhere")
		}
	}
}

// securityAnswers asks of operations that cannot be called without credentials
// for the answer to who has none.
func (p *pass) securityAnswers() {
	for _, op := range p.index.Operations {
		list, _, _ := p.requirements(op)
		if len(list) == 0 || slices.ContainsFunc(list, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 }) {
			continue
		}
		if len(op.Responses) > 0 && !slices.ContainsFunc(op.Responses, func(r response) bool {
			return slices.Contains([]string{"401", "403", "4XX", "4xx", "default"}, r.Status)
		}) {
			p.reportFor(ruleSecurityAnswer, op.Place.At("responses"), &op, "the operation asks for credentials and does not say what it answers without them")
		}
	}
}

var credential = regexp.MustCompile(`(?i)^(api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|password|passwd|secret)$`)

func (p *pass) credentialsInURL() {
	if c := p.doc.Spec.Components; c != nil {
		for name, ref := range c.SecuritySchemes {
			if ref.Value != nil && ref.Value.Type == "apiKey" && ref.Value.In == "query" {
				place := p.root("components", "securitySchemes", name).Follow(ref.Ref)
				p.report(ruleKeyInURL, place.At("in"), "the security scheme "+name+" puts the key into the query string")
			}
		}
	}
	for _, param := range p.index.Parameters {
		if in := param.Value.In; (in == "query" || in == "path") && credential.MatchString(param.Value.Name) {
			p.report(ruleKeyInURL, param.Place.At("name"), "the parameter "+param.Value.Name+" puts credentials into the URL")
		}
	}
}

func (p *pass) servers() {
	for i, s := range p.doc.Spec.Servers {
		place := p.root("servers", strconv.Itoa(i), "url")
		u, err := url.Parse(s.URL)
		if err != nil || u.Scheme != "http" || local(u.Hostname()) {
			continue
		}
		p.report(ruleServerInsecure, place, "the server "+s.URL+" is reached over http")
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
