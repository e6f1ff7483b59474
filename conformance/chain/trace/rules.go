package trace

import "github.com/seed-5ec2a705/mtrack/openapi/gate/finding"

const (
	ruleStatement     = "trace-statement"
	ruleMap           = "trace-map-stale"
	rulePlace         = "trace-requirement-place"
	ruleOrigin        = "trace-requirement-origin"
	ruleNoCase        = "trace-requirement-case"
	ruleCase          = "trace-case"
	ruleStatus        = "trace-status"
	ruleField         = "trace-field"
	ruleParameter     = "trace-parameter"
	ruleRequest       = "trace-request"
	ruleLink          = "trace-link"
	ruleExample       = "trace-example"
	ruleStatusCase    = "trace-status-case"
	ruleGeneratedCode = "trace-generated"
)

// Rules returns the rules of trace.
func Rules() []finding.Rule {
	r := func(id, title, why, fix string) finding.Rule {
		return finding.Rule{ID: id, Level: finding.Error, Title: title, Why: why, Fix: fix}
	}
	return []finding.Rule{
		r(ruleStatement, "Every statement of the page became a requirement",
			"What no requirement holds nobody checks.", "List the statement in page/trace.yaml with the requirements that hold it."),
		r(ruleMap, "The map of statements is about the page and the suite as they are",
			"A map of something else traces nothing.", "Correct the entry of page/trace.yaml, or remove it."),
		r(rulePlace, "Every requirement has a place in the contract",
			"An implementation is held to something that the contract does not say.", "Say it in the contract, or correct the source of the requirement."),
		r(ruleOrigin, "Every requirement that the page is the source of stands on the page",
			"The requirement claims a source that does not say it.", "List it in page/trace.yaml under the statement that it comes from, or mark it as inferred."),
		r(ruleNoCase, "Every requirement has a conformance case",
			"An implementation may break it and pass.", "Add a case that names the requirement."),
		r(ruleCase, "Every conformance case is about requirements and statuses that exist",
			"A failure of the case would point to nothing.", "Correct the ids and statuses that the case names."),
		r(ruleStatus, "Every status of the page is in the contract",
			"Callers of the contract do not expect it.", "Add the response to the operation."),
		r(ruleField, "Every field of the page is in the contract",
			"Generated clients have no such field.", "Add the property to the schema of the response, with its description."),
		r(ruleParameter, "Every parameter of the page is in the contract",
			"Callers of the contract cannot send it.", "Declare the parameter."),
		r(ruleRequest, "Every example request of the page is a request of the contract",
			"What the page shows does not work.", "Correct path, method, server or security of the contract."),
		r(ruleLink, "Every related page has an operation in the contract",
			"A reader who follows the page's links leaves the contract.", "Name the page in the operation's x-documentation."),
		r(ruleExample, "Every example of the page is valid against the contract",
			"The documentation and the contract disagree; one of them misleads.", "Correct the schema of that status."),
		r(ruleStatusCase, "Every documented status has a conformance case",
			"An implementation may never send it, or send it wrongly, and pass.", "Add a case that proves the status, or list it with a reason under unprovoked in page/trace.yaml."),
		r(ruleGeneratedCode, "The generated code is what the contract generates",
			"The server is compiled from another contract than the one that is published.", "Run make generate and commit gen/."),
	}
}

func rule(id string) finding.Rule {
	for _, r := range Rules() {
		if r.ID == id {
			return r
		}
	}
	panic("trace: rule " + id + " is not in the catalogue")
}

// Files returns the files that a trace is about, for reports.
func Files() []string { return []string{pageFile, mapFile, contractFile} }
