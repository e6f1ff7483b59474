package check

import (
	"mime"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	successMissing = finding.Rule{
		ID:    "success-missing",
		Title: "Every operation documents a success",
		Why:   "A caller does not know what a successful call returns.",
		Fix:   "Add the 2xx response that the operation sends.",
	}
	successWildcard = finding.Rule{
		ID:    "success-wildcard",
		Title: "Every success status is named",
		Why:   "`2XX`, or `default` without a 2xx beside it, lets an undocumented success pass for a documented one.",
		Fix:   "Name each status: `200`, `201`, `204`.",
	}
	successUndescribed = finding.Rule{
		ID:    "success-undescribed",
		Title: "Every success describes its body",
		Why:   "A body without a schema promises nothing.",
		Fix:   "Add `content` with a schema, or respond with `204`.",
	}
	bodyForbidden = finding.Rule{
		ID:    "body-forbidden",
		Title: "1xx, 204, 205 and 304 describe no body",
		Why:   "HTTP forbids it; clients never see it.",
		Fix:   "Remove the `content`, or use another status.",
	}
	statusInvalid = finding.Rule{
		ID:    "status-invalid",
		Title: "Responses are keyed by a status",
		Why:   "Tools ignore the response.",
		Fix:   "Use a status of three digits, a range such as `4XX`, or `default`.",
	}
	mediaTypeInvalid = finding.Rule{
		ID:    "media-type-invalid",
		Title: "Content is keyed by media types",
		Why:   "No Content-Type ever matches it.",
		Fix:   "Write it as type/subtype, for example application/json.",
	}
)

var responses = rule.Family{
	Rules: []finding.Rule{successMissing, successWildcard, successUndescribed, bodyForbidden, statusInvalid, mediaTypeInvalid},
	Check: checkResponses,
	Covers: map[string][]finding.Rule{
		"responses-required":           {structure},
		"operation-responses-required": {structure},
	},
}

var statusKey = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5](XX|xx)|default)$`)

func checkResponses(c *rule.Checker) {
	for _, op := range c.Index.Operations {
		checkSuccesses(c, op)
		for _, r := range op.Responses {
			if !statusKey.MatchString(r.Status) {
				c.ReportFor(op, statusInvalid, r.Use, r.Status+" is not a status")
			}
			if r.Bodiless() && len(r.Value.Content) > 0 {
				c.ReportFor(op, bodyForbidden, r.Place.At("content"), "the response "+r.Status+" describes a body")
			}
		}
	}
	for _, m := range c.Index.Media {
		name, _, err := mime.ParseMediaType(m.Type)
		if err != nil || !strings.Contains(name, "/") {
			c.ReportKey(mediaTypeInvalid, m.Place, m.Type+" is not a media type")
		}
	}
}

// checkSuccesses asks for an outcome other than errors. A redirect is one, too.
func checkSuccesses(c *rule.Checker, op model.Operation) {
	if len(op.Responses) == 0 {
		c.ReportFor(op, structure, op.Place.At("responses"), "the operation documents no response, and OpenAPI requires one at least")
		return
	}
	documented := false
	for _, r := range op.Responses {
		if strings.EqualFold(r.Status, "2XX") {
			c.ReportFor(op, successWildcard, r.Use, "the range 2XX documents every success, including those that the operation never sends")
		}
		documented = documented || r.Success() || strings.HasPrefix(r.Status, "1") || strings.HasPrefix(r.Status, "3")
		if r.Success() && !r.Bodiless() && op.Method != "HEAD" {
			checkSuccessBody(c, op, r)
		}
	}
	if documented {
		return
	}
	if i := slices.IndexFunc(op.Responses, func(r model.Response) bool { return r.Status == "default" }); i >= 0 {
		c.ReportFor(op, successWildcard, op.Responses[i].Use, "`default` is the only response that covers a success")
		return
	}
	c.ReportFor(op, successMissing, op.Place.At("responses"), "the operation documents no success")
}

func checkSuccessBody(c *rule.Checker, op model.Operation, r model.Response) {
	if len(r.Value.Content) == 0 {
		c.ReportFor(op, successUndescribed, r.Place, "the response "+r.Status+" does not describe its body")
		return
	}
	for name, m := range r.Value.Content {
		if m == nil || m.Schema == nil {
			c.ReportFor(op, successUndescribed, r.Place.At("content", name), "the response "+r.Status+" has no schema for "+name)
		}
	}
}
