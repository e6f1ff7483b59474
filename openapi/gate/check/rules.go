package check

import (
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// rule is a rule of the catalogue. apply is nil for rules that a library or the
// loader reports.
type rule struct {
	finding.Rule
	apply func(*pass)
}

const (
	ruleException      = "exception-stale"
	ruleUnknownField   = "unknown-field"
	rulePathParameters = "path-parameters"
	rulePathAmbiguous  = "path-ambiguous"
	rulePathQuery      = "path-query"
	rulePathSlash      = "path-trailing-slash"
	ruleParamDuplicate = "parameter-duplicate"
	ruleParamSchema    = "parameter-schema-missing"
	ruleHeaderIgnored  = "header-ignored"
	ruleDefaultUnused  = "default-unreachable"
	ruleIDMissing      = "operation-id-missing"
	ruleIDDuplicate    = "operation-id-duplicate"
	ruleTagUndefined   = "tag-undefined"
	ruleLink           = "link-operation-undefined"
	ruleBody           = "request-body-unexpected"

	ruleDescInfo      = "description-info"
	ruleDescOperation = "description-operation"
	ruleDescParameter = "description-parameter"
	ruleDescResponse  = "description-response"
	ruleDescHeader    = "description-header"
	ruleDescProperty  = "description-property"
	ruleDescSchema    = "description-schema"
	ruleDescTag       = "description-tag"
	ruleDescSecurity  = "description-security-scheme"
	ruleMarkup        = "description-script"

	ruleSecurityUndeclared = "security-undeclared"
	ruleSecurityUndefined  = "security-undefined"
	ruleSecurityUnused     = "security-scheme-unused"
	ruleSecurityAnswer     = "security-answer-missing"
	ruleKeyInURL           = "credentials-in-url"
	ruleServerInsecure     = "server-insecure"
	ruleServerSlash        = "server-trailing-slash"

	ruleSuccessMissing  = "success-missing"
	ruleSuccessWildcard = "success-wildcard"
	ruleSuccessSchema   = "success-undescribed"
	ruleBodyForbidden   = "body-forbidden"
	ruleStatusInvalid   = "status-invalid"
	ruleMediaType       = "media-type-invalid"
	ruleErrorMissing    = "error-missing"
	ruleErrorSchema     = "error-undescribed"
	ruleErrorEnvelope   = "error-envelope"
	ruleMachineOpen     = "machine-field-open"
	ruleMachineStatus   = "machine-field-status"

	ruleExample         = "example-invalid"
	ruleExampleConflict = "example-conflict"
	ruleDefault         = "default-invalid"

	ruleBounds        = "bounds-contradict"
	ruleKeyword       = "keyword-ignored"
	ruleFormat        = "format-type"
	rulePattern       = "pattern-invalid"
	ruleRequired      = "required-undefined"
	ruleItems         = "items-missing"
	ruleEnumType      = "enum-type"
	ruleEnumDuplicate = "enum-duplicate"
	ruleNullableEnum  = "nullable-enum"
	ruleNullableType  = "nullable-untyped"
	ruleEndless       = "schema-endless"
	ruleAllOf         = "allof-contradict"
	ruleDiscriminator = "discriminator-property"
	ruleMapping       = "discriminator-mapping"
	ruleRefSiblings   = "ref-siblings"
	ruleUnused        = "component-unused"
)

// rules returns the catalogue, in the order in which it is documented.
func rules() []rule {
	e, w := finding.Error, finding.Warning
	r := func(id string, level finding.Level, title, why, fix string, apply func(*pass)) rule {
		return rule{finding.Rule{ID: id, Level: level, Title: title, Why: why, Fix: fix}, apply}
	}
	return []rule{
		r(source.RuleDuplicateKey, e, "No key stands twice in a mapping",
			"Parsers disagree on which of the two counts, so tools see different contracts.",
			"Remove one of the two, or merge them.", nil),
		r(source.RuleRefUnresolved, e, "Every $ref leads to something",
			"No tool can read a document with a reference that leads nowhere.",
			"Correct the name, or add what it refers to.", nil),
		r(source.RuleRefCycle, e, "No reference leads back to itself",
			"A chain of references without a value in it describes nothing, and validators follow it for ever.",
			"Describe a value at one place of the chain; recursion belongs below properties or items.", nil),
		r(source.RuleStructure, e, "The document follows the OpenAPI 3.0 structure",
			"Generators and validators refuse the document, or silently skip the part.",
			"Correct the field as OpenAPI 3.0.3 describes it.", (*pass).empties),
		r(ruleUnknownField, e, "Every field is one that OpenAPI 3.0 knows",
			"A misspelt field is ignored: what it was to promise is not promised.",
			"Correct the spelling, or prefix an extension with x-.", (*pass).unknownFields),

		r(rulePathParameters, e, "Path templates and path parameters agree",
			"Callers cannot build the URL, and generated servers do not bind the value.",
			"Declare each {name} as a required parameter with `in: path`, and remove the others.", (*pass).pathParameters),
		r(rulePathAmbiguous, e, "No two paths match the same request",
			"Which operation answers depends on the router.",
			"Make the paths differ in a fixed segment.", nil),
		r(rulePathQuery, e, "Paths hold no query string and no empty template",
			"Routers match the path alone, so that such a path is never reached.",
			"Declare query parameters with `in: query`, and name every template.", nil),
		r(rulePathSlash, w, "Paths do not end in a slash",
			"Servers disagree on whether it is the same path, and some redirect.",
			"Remove the slash at the end.", (*pass).pathSlashes),
		r(ruleParamDuplicate, e, "No parameter is declared twice",
			"Tools disagree on which declaration counts.",
			"Remove one of the two.", nil),
		r(ruleParamSchema, e, "Every parameter and header has a schema",
			"Callers are not told what to send or to expect.",
			"Add a `schema`, or a `content` with one media type.", (*pass).parameterSchemas),
		r(ruleHeaderIgnored, e, "No header is declared that OpenAPI ignores",
			"OpenAPI ignores these declarations; what they promise is not promised.",
			"Declare media types under `content`, and credentials as a security scheme.", (*pass).ignoredHeaders),
		r(ruleDefaultUnused, w, "A required parameter has no default",
			"A default is used where the parameter is absent, and a required one never is.",
			"Make the parameter optional, or remove the default.", (*pass).unreachableDefaults),
		r(ruleIDMissing, e, "Every operation has an operationId",
			"Generated clients, reports and links have no stable name for the operation.",
			"Add a unique `operationId`.", (*pass).operationIDs),
		r(ruleIDDuplicate, e, "Every operationId is unique",
			"Generated code collides, and links lead to either operation.",
			"Rename one of the two.", nil),
		r(ruleTagUndefined, w, "Every tag that is used is declared",
			"Documentation groups operations by declared tags; a misspelt tag makes its own group.",
			"Declare the tag at the top level, or correct its name.", (*pass).tags),
		r(ruleLink, e, "Every link leads to an operation",
			"A caller that follows the link finds nothing.",
			"Correct the operationId or the operationRef of the link.", (*pass).links),
		r(ruleBody, w, "GET, HEAD and DELETE declare no request body",
			"Proxies and clients drop bodies of these methods, so that the request changes its meaning on the way.",
			"Move the data into parameters, or use POST.", (*pass).unexpectedBodies),

		r(ruleDescInfo, w, "The API is described",
			"A reader cannot tell what the API is for.",
			"Add `info.description`.", (*pass).describeInfo),
		r(ruleDescOperation, w, "Every operation is described",
			"A caller has to guess what the operation does.",
			"Add a `summary` or a `description`.", (*pass).describeOperations),
		r(ruleDescParameter, w, "Every parameter is described",
			"A caller has to guess what to send.",
			"Add a `description`.", (*pass).describeParameters),
		r(ruleDescResponse, w, "Every response is described",
			"A caller has to guess when it is sent.",
			"Say when this response is sent.", (*pass).describeResponses),
		r(ruleDescHeader, w, "Every response header is described",
			"A caller has to guess what the header means.",
			"Add a `description`.", (*pass).describeHeaders),
		r(ruleDescProperty, w, "Every property is described",
			"A caller has to guess what the value means.",
			"Add a `description` to the property, or to the schema that it refers to.", (*pass).describeProperties),
		r(ruleDescSchema, w, "Every named schema is described",
			"A reader cannot tell what the schema stands for.",
			"Add a `description` to the schema.", (*pass).describeSchemas),
		r(ruleDescTag, w, "Every declared tag is described",
			"A reader of the documentation sees a group without a purpose.",
			"Add a `description` to the tag.", (*pass).describeTags),
		r(ruleDescSecurity, w, "Every security scheme is described",
			"A caller cannot tell where credentials come from.",
			"Add a `description` that says how to get the credentials.", (*pass).describeSecurity),
		r(ruleMarkup, e, "No description holds a script",
			"Documentation pages render descriptions, and would run it in a reader's browser.",
			"Remove the script.", nil),

		r(ruleSecurityUndeclared, e, "Every operation says how it is secured",
			"Whether the operation is public is left to a guess, and tools take it for public.",
			"Declare `security`, at the top level or here; `security: []` says that it is public.", (*pass).undeclaredSecurity),
		r(ruleSecurityUndefined, e, "Every security requirement names a declared scheme",
			"A requirement of a scheme that does not exist cannot be met.",
			"Declare the scheme under components.securitySchemes, or correct the name.", (*pass).undefinedSecurity),
		r(ruleSecurityUnused, w, "Every security scheme is required somewhere",
			"A reader takes the scheme for one that works.",
			"Require it, or remove it.", (*pass).unusedSecurity),
		r(ruleSecurityAnswer, w, "A secured operation says what it answers without credentials",
			"A caller cannot tell missing credentials from other failures.",
			"Document `401` (or `403`, `4XX`, `default`).", (*pass).securityAnswers),
		r(ruleKeyInURL, w, "No credentials travel in the URL",
			"URLs are logged by servers, proxies and browsers, and keys with them.",
			"Send the credentials in a header.", (*pass).credentialsInURL),
		r(ruleServerInsecure, w, "Servers are reached over https",
			"Credentials and data travel in clear text.",
			"Use https; http is for this machine alone.", (*pass).servers),
		r(ruleServerSlash, w, "No server URL ends in a slash",
			"Paths begin with a slash: together they make an empty segment.",
			"Remove the slash at the end.", nil),

		r(ruleSuccessMissing, e, "Every operation documents a success",
			"A caller is not told what it gets.",
			"Add the 2xx response that the operation gives.", (*pass).successes),
		r(ruleSuccessWildcard, e, "Every success status is named",
			"`2XX`, or `default` without a 2xx beside it, lets an undocumented success pass for a documented one.",
			"Name each status: `200`, `201`, `204`.", nil),
		r(ruleSuccessSchema, e, "Every success describes its body",
			"A body without a schema is a promise of nothing.",
			"Add `content` with a schema, or answer `204`.", nil),
		r(ruleBodyForbidden, e, "1xx, 204, 205 and 304 describe no body",
			"HTTP forbids it; clients never see it.",
			"Remove the `content`, or use another status.", (*pass).forbiddenBodies),
		r(ruleStatusInvalid, e, "Responses are keyed by a status",
			"Tools ignore the response.",
			"Use a status of three digits, a range such as `4XX`, or `default`.", (*pass).statuses),
		r(ruleMediaType, e, "Content is keyed by media types",
			"No Content-Type ever matches it.",
			"Write it as type/subtype, for example application/json.", (*pass).mediaTypes),
		r(ruleErrorMissing, e, "Every operation documents an error",
			"Every operation fails at times, and a caller is not told how that looks.",
			"Add the 4xx and 5xx responses that the operation gives, or `default`.", (*pass).errors),
		r(ruleErrorSchema, w, "Every error describes its body",
			"A caller cannot tell one error from another by a program.",
			"Add `content` with the schema of errors.", nil),
		r(ruleErrorEnvelope, e, "Every error follows the document's error envelope",
			"A caller that reads errors in one way fails on the one that looks different.",
			"Use the schema that the other errors use; a part of it may be narrowed by allOf.", (*pass).envelopes),
		r(ruleMachineOpen, e, "The machine fields of errors are fixed for each status",
			"A program branches on these fields; where any value is allowed it cannot.",
			"Give the field an `enum` in this status's schema, as the other statuses do.", nil),
		r(ruleMachineStatus, e, "The status in an error's body is the status of the response",
			"Two different statuses in one answer leave a caller to choose.",
			"Set the `enum` to the status under which the response is listed.", nil),

		r(ruleExample, e, "Every example satisfies its schema",
			"Callers copy examples; one that does not validate teaches them a wrong request or a wrong answer.",
			"Correct the example, or the schema if the example is right.", (*pass).examples),
		r(ruleExampleConflict, e, "`example` and `examples` do not stand together",
			"Tools show one of the two, and not the same one.",
			"Keep `examples`.", nil),
		r(ruleDefault, e, "Every default satisfies its schema",
			"Servers refuse a value that they themselves assume.",
			"Correct the default.", nil),

		r(ruleBounds, e, "Lower bounds are not above upper bounds",
			"No value satisfies the schema.",
			"Correct one of the two bounds.", nil),
		r(ruleKeyword, e, "Every constraint applies to the schema's type",
			"The constraint is never enforced: `maxLength` says nothing about a number.",
			"Use the keyword of this type, or correct the type.", (*pass).keywords),
		r(ruleFormat, e, "Every format fits its type",
			"The format is ignored, and generators choose a wrong type.",
			"Correct the type or the format.", (*pass).formats),
		r(rulePattern, e, "Every pattern is a regular expression",
			"Validators refuse the schema, or skip the pattern.",
			"Correct the expression; a backslash is doubled inside double quotes.", (*pass).patterns),
		r(ruleRequired, e, "Every required property is described",
			"A caller has to send, or may rely on, something that nobody describes; mostly it is misspelt.",
			"Describe the property under `properties`, or correct the name.", (*pass).requiredProperties),
		r(ruleItems, e, "Every array describes its items",
			"Callers are not told what the list holds.",
			"Add `items`.", (*pass).items),
		r(ruleEnumType, e, "Every enum value has the schema's type",
			"The value can never occur.",
			"Correct the value or the type; quote numbers that are meant as text.", nil),
		r(ruleEnumDuplicate, w, "No enum value stands twice",
			"Generated constants collide; mostly another value was meant.",
			"Remove the second.", nil),
		r(ruleNullableEnum, e, "A nullable enum lists null",
			"`nullable: true` does not add null to an enum: null is refused.",
			"Add null to the enum, or remove `nullable`.", (*pass).nullables),
		r(ruleNullableType, e, "`nullable` stands beside a type",
			"Without `type` in the same schema `nullable` has no effect.",
			"Add the type, or move `nullable` to where it stands.", nil),
		r(ruleEndless, e, "Every schema has a finite value",
			"A schema that requires itself can be satisfied by no document.",
			"Make the property optional or nullable.", (*pass).endless),
		r(ruleAllOf, e, "The parts of allOf can hold together",
			"No value satisfies the schema.",
			"Correct the type in one of the parts.", (*pass).contradictions),
		r(ruleDiscriminator, e, "A discriminator's property is required in every variant",
			"Where it may be absent a caller cannot tell the variants apart.",
			"Describe the property in every variant and require it.", (*pass).discriminators),
		r(ruleMapping, e, "Every value of a discriminator is mapped to a schema",
			"A caller that meets the value cannot tell which variant it has.",
			"Name a schema of components.schemas, or write a reference to one.", (*pass).mappings),
		r(ruleRefSiblings, w, "Nothing stands beside a $ref",
			"OpenAPI 3.0 ignores it: a description or `nullable` there has no effect.",
			"Put the reference into `allOf` and the rest beside that.", nil),
		r(ruleUnused, w, "Every component is used",
			"Readers and generators take it for a part of the API.",
			"Remove it, or refer to it.", nil),

		r(ruleException, w, "Every exception gives a reason and excepts something",
			"An exception outlives what it was written for, and hides the next fault there.",
			"Write `# mtrack-spec:allow RULE reason` in the line or above it, or remove it.", nil),
	}
}

// Rules returns the catalogue for documentation and for reports.
func Rules() []finding.Rule {
	var list []finding.Rule
	for _, r := range rules() {
		list = append(list, r.Rule)
	}
	return list
}

// Lookup returns the rule with that id.
func Lookup(id string) (finding.Rule, bool) {
	list := Rules()
	i := slices.IndexFunc(list, func(r finding.Rule) bool { return r.ID == id })
	if i < 0 {
		return finding.Rule{}, false
	}
	return list[i], true
}

// mustRule returns a rule of the catalogue; a test proves that every id in use is in it.
func mustRule(id string) finding.Rule {
	r, ok := Lookup(id)
	if !ok {
		panic("check: rule " + id + " is not in the catalogue")
	}
	return r
}
