package check

import (
	"mime"
	"regexp"
	"slices"
	"strings"
)

// successes applies the rules on 2xx responses.
func (p *pass) successes() {
	for _, op := range p.index.Operations {
		if len(op.Responses) == 0 {
			p.reportFor(ruleSuccessMissing, op.Place.At("responses"), &op, "the operation documents no responses")
			continue
		}
		named, other := false, false
		for _, r := range op.Responses {
			switch {
			case strings.EqualFold(r.Status, "2XX"):
				named = true
				p.reportFor(ruleSuccessWildcard, r.Use, &op, "the range 2XX documents every success, also those that the operation does not give")
			case r.Success():
				named = true
			case strings.HasPrefix(r.Status, "1"), strings.HasPrefix(r.Status, "3"):
				other = true
			}
			if r.Success() && !bodiless(r.Status) && op.Method != "HEAD" {
				p.successBody(op, r)
			}
		}
		i := slices.IndexFunc(op.Responses, func(r response) bool { return r.Status == "default" })
		switch {
		case named || other:
		case i >= 0:
			p.reportFor(ruleSuccessWildcard, op.Responses[i].Use, &op, "`default` is the only response that covers a success")
		default:
			p.reportFor(ruleSuccessMissing, op.Place.At("responses"), &op, "the operation documents no success")
		}
	}
}

func (p *pass) successBody(op operation, r response) {
	if len(r.Value.Content) == 0 {
		p.reportFor(ruleSuccessSchema, r.Place, &op, "the response "+r.Status+" does not describe its body")
		return
	}
	for name, m := range r.Value.Content {
		if m == nil || m.Schema == nil {
			p.reportFor(ruleSuccessSchema, r.Place.At("content", name), &op, "the response "+r.Status+" has no schema for "+name)
		}
	}
}

// bodiless reports whether HTTP forbids a body with this status.
func bodiless(status string) bool {
	return status == "204" || status == "205" || status == "304" || len(status) == 3 && status[0] == '1'
}

func (p *pass) forbiddenBodies() {
	for _, op := range p.index.Operations {
		for _, r := range op.Responses {
			if bodiless(r.Status) && len(r.Value.Content) > 0 {
				p.reportFor(ruleBodyForbidden, r.Place.At("content"), &op, "the response "+r.Status+" describes a body")
			}
		}
	}
}

var status = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5](XX|xx)|default)$`)

func (p *pass) statuses() {
	for _, op := range p.index.Operations {
		for _, r := range op.Responses {
			if !status.MatchString(r.Status) {
				p.reportFor(ruleStatusInvalid, r.Use, &op, r.Status+" is not a status")
			}
		}
	}
}

func (p *pass) mediaTypes() {
	for _, m := range p.index.Media {
		name, _, err := mime.ParseMediaType(m.Type)
		if err != nil || !strings.Contains(name, "/") {
			p.reportKey(ruleMediaType, m.Place, m.Type+" is not a media type")
		}
	}
}

// errors applies the rules on which errors are documented at all.
func (p *pass) errors() {
	for _, op := range p.index.Operations {
		if len(op.Responses) == 0 {
			continue // said by success-missing
		}
		found := false
		for _, r := range op.Responses {
			if !r.Failure() {
				continue
			}
			found = true
			if op.Method == "HEAD" {
				continue
			}
			if len(r.Value.Content) == 0 {
				p.report(ruleErrorSchema, r.Place, "the error response does not describe its body ("+describe(r.Place)+")")
			}
			for name, m := range r.Value.Content {
				if m == nil || m.Schema == nil {
					p.report(ruleErrorSchema, r.Place.At("content", name), "the error response has no schema for "+name)
				}
			}
		}
		if !found {
			p.reportFor(ruleErrorMissing, op.Place.At("responses"), &op, "the operation documents no error")
		}
	}
}
