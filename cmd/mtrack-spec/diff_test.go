package main

import (
	"slices"
	"strings"
	"testing"
)

// shelter is a small contract with as many operations as there are ids.
func shelter(ids ...string) string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n")
	for _, id := range ids {
		b.WriteString("  /" + id + ":\n    get:\n      operationId: " + id + "\n      responses: {'204': {description: Fine.}}\n")
	}
	return b.String()
}

// A branch is compared with where it began: what main got since is no break of its own.
func TestDiff_MergeBase(t *testing.T) {
	repository(t, map[string]string{"api.yaml": shelter("cats", "dogs")})
	git(t, "checkout", "-q", "-b", "change")
	put(t, "api.yaml", shelter("cats", "dogs", "birds"))
	git(t, "commit", "-qam", "birds")
	git(t, "checkout", "-q", "main")
	put(t, "api.yaml", shelter("cats", "dogs", "fish"))
	git(t, "commit", "-qam", "fish")
	git(t, "checkout", "-q", "change")

	configured(t, "diff", "--against", "main", "api.yaml").holds(t, exitClean, "[endpoint-added]", "1 document since main: 1 note", "where HEAD left main")
	configured(t, "diff", "--against", "main...", "api.yaml").holds(t, exitClean, "GET /birds", "1 document in main...: 1 note")
	configured(t, "diff", "--against", "main...change", "api.yaml").holds(t, exitClean, "GET /birds")
	configured(t, "diff", "--against", "main..change", "api.yaml").holds(t, exitFindings, "GET /fish", "[api-path-removed-without-deprecation]")
	configured(t, "diff", "--against", "change...main", "api.yaml").holds(t, exitClean, "GET /fish", "1 note")
	configured(t, "diff", "--against", "HEAD", "api.yaml").want(t, exitClean, "1 document since HEAD: no findings\n", "")
	put(t, "api.yaml", shelter("cats", "birds"))
	configured(t, "diff", "--against", "main", "api.yaml").holds(t, exitFindings, "GET /dogs", "1 error, 1 note")
	configured(t, "diff", "--against", "main...", "api.yaml").holds(t, exitClean, "GET /birds") // of HEAD, not of the directory
	configured(t, "diff", "--against", "main...").holds(t, exitUnusable, "name the documents")
	configured(t, "diff", "--against", "main...nowhere", "api.yaml").holds(t, exitUnusable, "nowhere")

	git(t, "checkout", "-qf", "--orphan", "other")
	git(t, "commit", "-qm", "of its own")
	configured(t, "diff", "--against", "main", "api.yaml").holds(t, exitFindings, "GET /fish", "no common ancestor here")
}

func TestDiff_RemovedDocument(t *testing.T) {
	repository(t, map[string]string{"api.yaml": shelter("cats"), "old.yaml": shelter("dogs")})
	git(t, "rm", "-q", "old.yaml")
	configured(t, "diff", "--against", "HEAD", "api.yaml", "old.yaml").holds(t, exitFindings,
		"old.yaml: error: the document was removed since HEAD [document-removed]", "2 documents since HEAD: 1 error")
	configured(t, "diff", "--against", "HEAD", "--format", "junit", "*.yaml").holds(t, exitFindings, `name="old.yaml"`, "document-removed")
	put(t, ".mtrack-spec.yaml", "diff:\n  accepted:\n    - {rule: document-removed, where: old.yaml, reason: Nobody called it.}\n")
	configured(t, "diff", "--against", "HEAD", "*.yaml").holds(t, exitClean, "no findings")
	git(t, "commit", "-qm", "no dogs")
	git(t, "checkout", "-q", "HEAD~1")
	configured(t, "diff", "--against", "main~1...main", "old.yaml").holds(t, exitClean, "1 document in main~1...main: no findings")
}

// A comment accepts the change that it comes with, and no other.
func TestDiff_AcceptedInTheDocument(t *testing.T) {
	repository(t, map[string]string{"api.yaml": shelter("cats", "dogs", "birds")})
	accepted := strings.Replace(shelter("cats", "birds"), "paths:", "paths: # mtrack-spec:allow api-path-removed-without-deprecation GET /dogs: nobody called it", 1)
	put(t, "api.yaml", accepted)
	configured(t, "diff", "--against", "HEAD", "api.yaml").want(t, exitClean, "1 document since HEAD: no findings\n", "")
	configured(t, "check", "api.yaml").holds(t, exitClean, "1 document: no findings\n") // it is none of check's
	git(t, "commit", "-qam", "no dogs")
	configured(t, "diff", "--against", "HEAD", "api.yaml").holds(t, exitClean, "api.yaml:3:8: note: ", "stands in the old version already", "[exception-stale]")
	put(t, "api.yaml", strings.Replace(accepted, shelter("birds")[strings.Index(shelter("birds"), "  /"):], "", 1))
	configured(t, "diff", "--against", "HEAD", "api.yaml").holds(t, exitFindings, "GET /birds", "1 error, 1 note")
	put(t, "api.yaml", strings.Replace(shelter("cats", "birds"), "    get:", "    get: # mtrack-spec:allow api-operation-id-removed it was misspelled", 1))
	configured(t, "diff", "--against", "HEAD", "api.yaml").holds(t, exitClean, "the exception from api-operation-id-removed allows nothing")
}

// What went has no line of its own: a comment for it accepts what it names alone.
func TestDiff_AcceptedByName(t *testing.T) {
	const rule = "api-path-removed-without-deprecation"
	put(t, "old.yaml", shelter("cats", "dogs", "dogs2", "birds"))
	above := func(comments ...string) {
		put(t, "new.yaml", strings.Replace(shelter("birds"), "paths:", "# mtrack-spec:allow "+rule+" "+strings.Join(comments, "\n# mtrack-spec:allow "+rule+" ")+"\npaths:", 1))
	}
	above("nobody called any of them")
	configured(t, "diff", "old.yaml", "new.yaml").holds(t, exitFindings, "GET /cats", "GET /dogs", "3 errors, 1 note", "name the operation that may go")
	above("/dogs nobody called it")
	configured(t, "diff", "old.yaml", "new.yaml").holds(t, exitFindings, "GET /cats", "GET /dogs2", "2 errors\n")
	above("/dogs nobody called it", "GET /dogs2: nor this", "POST /cats nobody posts")
	configured(t, "diff", "old.yaml", "new.yaml").holds(t, exitFindings, "GET /cats", "1 error, 1 note")
	above("/dogs", "GET /dogs2")
	configured(t, "diff", "old.yaml", "new.yaml").holds(t, exitFindings, "3 errors") // without a reason
}

// A JSON document has no comments, and a deleted file has none either.
func TestDiff_AcceptedInTheConfiguration(t *testing.T) {
	repository(t, map[string]string{
		"api.yaml": shelter("cats", "dogs"),
		".mtrack-spec.yaml": "diff:\n  accepted:\n    - {rule: api-path-removed-without-deprecation, where: GET /dogs, reason: Nobody called it.}\n" +
			"    - {rule: api-operation-id-removed, where: api.yaml, reason: It was misspelled., until: 2020-01-31}\n",
	})
	configured(t, "diff", "--against", "HEAD", "api.yaml").holds(t, exitClean, ".mtrack-spec.yaml:3:7: note: ", "holds for nothing", "ended on 2020-01-31")
	put(t, "api.yaml", strings.Replace(shelter("cats"), "operationId: cats", "operationId: all", 1))
	got := configured(t, "diff", "--against", "HEAD", "--fail-on", "warning", "api.yaml")
	got.holds(t, exitFindings, "[api-operation-id-removed]", "ended on 2020-01-31", "1 warning, 1 note")
	if strings.Contains(got.stdout, "/dogs") {
		t.Errorf("an accepted change is told:\n%s", got.stdout)
	}
	put(t, ".mtrack-spec.yaml", "diff:\n  accepted:\n    - {rule: api-operation-id-removed, where: 'api.yaml#/paths/~1cats', reason: It was misspelled.}\n")
	configured(t, "diff", "--against", "HEAD", "--fail-on", "none", "api.yaml").holds(t, exitClean, "GET /dogs", "1 document since HEAD: 1 error\n")
}

// For people a change is told once; programs get it for each operation.
func TestDiff_OneChangeOfManyOperations(t *testing.T) {
	repository(t, map[string]string{"api.yaml": shelter("cats")})
	both := "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get: {operationId: a, responses: {'200': {$ref: '#/components/responses/R'}}}\n" +
		"  /b:\n    get: {operationId: b, responses: {'200': {$ref: '#/components/responses/R'}}}\ncomponents:\n  responses:\n" +
		"    R: {description: Fine., content: {application/json: {schema: {type: string, enum: [a, b]}}}}\n"
	put(t, "old.yaml", both)
	put(t, "new.yaml", strings.Replace(both, "[a, b]", "[a, b, c, d]", 1))
	configured(t, "diff", "old.yaml", "new.yaml").holds(t, exitFindings, "`c`, `d`", "operation: GET /a (a) and 1 more", "new.yaml: 1 error\n")
	if got := configured(t, "diff", "--format", "json", "old.yaml", "new.yaml"); strings.Count(got.stdout, `"rule"`) != 4 {
		t.Errorf("not each operation and value is in the report:\n%s", got.stdout)
	}
}

func TestExplain_Change(t *testing.T) {
	execute(t, "explain", "server-removed").holds(t, exitClean, "Level: warning", "# mtrack-spec:allow server-removed REASON")
	execute(t, "explain", "endpoint-added").holds(t, exitClean, "Level: note", "asks more of implementations")
	execute(t, "explain", "request-parameter-max-decreased").holds(t, exitClean, "A change: for the … request parameter …, the max was decreased from … to ….",
		"accepts less than before. It breaks callers that send", "Keep the old bounds")
	execute(t, "explain", "response-property-enum-value-added").holds(t, exitClean, "may send what callers have never met", "Send only the old values here")
	execute(t, "explain", "api-path-removed-without-deprecation").holds(t, exitClean, "Allow: # mtrack-spec:allow api-path-removed-without-deprecation GET /path REASON")
	execute(t, "explain", "no-such-rule").holds(t, exitUnusable, "unknown rule")
}

// A document that cannot be read hides nothing of what the others have, and a base that cannot be
// read does not fail the change that repairs it.
func TestDiff_Unreadable(t *testing.T) {
	broken := strings.Replace(shelter("cats"), "{description: Fine.}", "{$ref: '#/components/responses/Gone'}", 1)
	repository(t, map[string]string{"api.yaml": broken, "other.yaml": shelter("dogs", "birds")})
	put(t, "api.yaml", shelter("cats"))
	configured(t, "diff", "--against", "HEAD", "api.yaml").holds(t, exitClean,
		"api.yaml:1:1: warning: the base cannot be compared: ", "#/components/responses/Gone", "; from this commit on it can", "[base-unreadable]")
	configured(t, "diff", "--against", "HEAD", "--fail-on", "warning", "api.yaml").holds(t, exitFindings, "[base-unreadable]")

	git(t, "commit", "-qam", "repaired")
	put(t, "api.yaml", "openapi: 3.0.3\ninfo: [\n")
	put(t, "other.yaml", shelter("birds"))
	configured(t, "diff", "--against", "HEAD", "api.yaml", "other.yaml").holds(t, exitFindings,
		"api.yaml:", ": error: the document cannot be compared: ", "[document-unreadable]", "GET /dogs", "2 errors")
	for _, format := range []string{"json", "github", "sarif", "junit"} {
		configured(t, "diff", "--against", "HEAD", "--format", format, "api.yaml", "other.yaml").holds(t, exitFindings,
			"document-unreadable", "api-path-removed-without-deprecation")
	}
	put(t, "api.yaml", "")
	configured(t, "diff", "--against", "HEAD", "api.yaml", "other.yaml").holds(t, exitFindings, "[document-unreadable]", "GET /dogs")
	configured(t, "diff", "--against", "HEAD", "nowhere.yaml").holds(t, exitUnusable, "nowhere.yaml")
}

// A comparison that goes beyond its limit is told, and those of other documents are kept.
func TestDiff_Unfinished(t *testing.T) {
	repository(t, map[string]string{"api.yaml": shelter("cats", "dogs")})
	put(t, "api.yaml", shelter("cats"))
	configured(t, "diff", "--against", "HEAD", "--max-memory", "1B", "--format", "json", "api.yaml").holds(t, exitFindings, "diff-unfinished", "more than 0 MiB of memory")
}

// Errors fail; warnings and notes fail where they are asked to.
func TestDiff_FailOn(t *testing.T) {
	server := func(url string) string { return shelter("cats") + "servers: [{url: '" + url + "'}]\n" }
	put(t, "old.yaml", server("https://a.example"))
	put(t, "warning.yaml", server("https://b.example"))
	put(t, "note.yaml", shelter("cats", "dogs")+"servers: [{url: 'https://a.example'}]\n")
	put(t, "error.yaml", strings.Replace(server("https://a.example"), "/cats", "/dogs", 1))
	for name, fails := range map[string][]string{
		"warning.yaml": {"warning", "requirement"}, "note.yaml": {"requirement"}, "error.yaml": {"breaking", "warning", "requirement"},
	} {
		for _, on := range []string{"none", "breaking", "warning", "requirement"} {
			want := exitClean
			if slices.Contains(fails, on) {
				want = exitFindings
			}
			if got := configured(t, "diff", "--fail-on", on, "old.yaml", name); got.code != want {
				t.Errorf("%s with --fail-on %s: status %d, want %d\n%s", name, on, got.code, want, got.stdout)
			}
		}
	}
	configured(t, "diff", "old.yaml", "warning.yaml").holds(t, exitClean, "[server-removed]", "1 warning")
	if got := configured(t, "diff", "--format", "junit", "old.yaml", "warning.yaml"); strings.Contains(got.stdout, "<failure") {
		t.Errorf("what does not fail is a failure in the report:\n%s", got.stdout)
	}
}
