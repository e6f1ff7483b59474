package check

import (
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	errorMissing = finding.Rule{
		ID:    "error-missing",
		Title: "Every operation documents an error",
		Why:   "Every operation fails at times, and a caller does not know what that looks like.",
		Fix:   "Add the 4xx and 5xx responses that the operation sends, or `default`.",
	}
	errorUndescribed = finding.Rule{
		ID:    "error-undescribed",
		Title: "Every error describes its body",
		Why:   "Programs cannot tell one error from another.",
		Fix:   "Add `content` with the schema of errors.",
	}
)

var errorResponses = rule.Family{
	Rules: []finding.Rule{errorMissing, errorUndescribed},
	Check: checkErrors,
}

func checkErrors(c *rule.Checker) {
	for _, op := range c.Index.Operations {
		if len(op.Responses) == 0 {
			continue // success-missing says so
		}
		found := false
		for _, r := range op.Responses {
			if !r.Failure() {
				continue
			}
			found = true
			if op.Method != "HEAD" {
				checkErrorBody(c, r)
			}
		}
		if !found {
			c.ReportFor(op, errorMissing, op.Place.At("responses"), "the operation documents no error")
		}
	}
}

func checkErrorBody(c *rule.Checker, r model.Response) {
	if len(r.Value.Content) == 0 {
		c.Report(errorUndescribed, r.Place, "the error response does not describe its body ("+model.Describe(r.Place)+")")
	}
	for name, m := range r.Value.Content {
		if m == nil || m.Schema == nil {
			c.Report(errorUndescribed, r.Place.At("content", name), "the error response has no schema for "+name)
		}
	}
}
