// Package cmd_test holds the borders between the module's packages. It stands
// here because everything meets here, and nothing below may know of it.
package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed-5ec2a705/mtrack"

// importRule says what the packages that a pattern matches may import outside
// of tests. A pattern is a path, or one that ends in "/..." for all below and
// itself. Paths without a dot in their first segment are of this module; "std"
// is the standard library but for testing, which is named by itself; "any" is
// what belongs to others.
type importRule struct {
	packages string
	// imports are the packages that may be imported directly.
	imports []string
	// never are packages that must not be reached at all, over however many
	// others.
	never []string
}

// The trades that the suite's core, the spec gate and the server keep out of
// one another, with all that they bring along.
var (
	server     = []string{"gen/...", "impl/...", "github.com/redis/...", "github.com/alicebob/...", "github.com/oapi-codegen/..."}
	engine     = []string{"github.com/testcontainers/...", "github.com/moby/...", "github.com/docker/..."}
	specTools  = []string{"github.com/oasdiff/..."}
	noTesting  = []string{"testing"}
	suiteCore  = slices.Concat(server, engine, specTools, noTesting)
	suiteRooms = "conformance/internal/"
)

// importRules are the borders: openapi → gen → impl → cmd, with conformance
// beside and independent of what it judges. The first rule that matches a
// package holds.
var importRules = []importRule{
	{packages: "openapi/plain", imports: []string{"std"}},
	{packages: "openapi/typo", imports: []string{"std"}},
	{packages: "openapi/passage", imports: []string{"std"}},
	{packages: "openapi/strictjson", imports: []string{"std"}},
	{packages: "openapi/plain/plaintest", imports: []string{"std", "testing"}},

	{packages: "openapi", imports: []string{"std"}},
	{packages: "openapi/gate/internal/beside", imports: []string{"std", "openapi/passage"}}, // it runs programs
	{packages: "openapi/gate/...", imports: []string{"std", "openapi/plain", "openapi/typo", "openapi/gate/...", "any"}, never: slices.Concat(server, engine, noTesting, []string{"conformance/..."})},
	{packages: "gen/...", imports: []string{"std", "github.com/oapi-codegen/runtime", "github.com/oapi-codegen/nullable"}},

	{packages: "impl/track", imports: []string{"std"}},
	{packages: "impl/signedurl", imports: []string{"std"}},
	{packages: "impl/internal/router", imports: []string{"std"}},
	{packages: "impl/internal/redistest", imports: []string{"std", "testing", "conformance/testenv", "impl/...", "github.com/redis/go-redis/..."}},
	// Programs of the benchmark: they know the server by its command line alone.
	{packages: "impl/internal/process", imports: []string{"std", "github.com/redis/go-redis/..."}},
	{packages: "impl/internal/bench/...", imports: []string{"std", "impl/internal/process", "openapi/passage", "github.com/redis/go-redis/..."}},
	{packages: "impl/internal/reliability", imports: []string{"std", "impl/internal/process", "openapi/passage", "github.com/redis/go-redis/..."}},
	{packages: "impl/storetest", imports: []string{"std", "testing", "impl/track", "impl/record"}},
	{packages: "impl/record", imports: []string{"std", "impl/track", "openapi/strictjson"}},
	{packages: "impl/httpapi", imports: []string{"std", "gen/music", "impl/track", "impl/internal/router", "github.com/oapi-codegen/nullable"}},
	{packages: "impl/provision", imports: []string{"std", "gen/provisioning", "github.com/oapi-codegen/nullable", "impl/track", "impl/record", "impl/internal/router",
		"openapi/strictjson"}},
	{packages: "impl/redisstore/internal/lua", imports: []string{"std", "impl/track", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore/internal/schema", imports: []string{"std", "impl/track", "impl/record"}},
	{packages: "impl/redisstore/internal/scripts", imports: []string{"std", "impl/redisstore/internal/lua"}},
	{packages: "impl/redisstore/redisurl", imports: []string{"std", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore/health", imports: []string{"std", "impl/redisstore/internal/schema", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore/registry", imports: []string{"std", "impl/track", "impl/record", "impl/redisstore/internal/...", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore", imports: []string{"std", "impl/track", "impl/redisstore/internal/...", "github.com/redis/go-redis/..."}},
	{packages: "impl/embedded", imports: []string{"std", "impl/track", "impl/record", "impl/redisstore/...", "github.com/redis/go-redis/...", "github.com/alicebob/miniredis/..."}},
	{packages: "impl", imports: []string{"std", "impl/..."}, never: slices.Concat(engine, specTools, noTesting, []string{"conformance/..."})},

	// The suite, from the bottom to the front door.
	{packages: "conformance/version", imports: []string{"std"}},
	{packages: "conformance/requirement", imports: []string{"std"}},
	{packages: suiteRooms + "excerpt", imports: []string{"std"}},
	{packages: suiteRooms + "process", imports: []string{"std"}},
	{packages: suiteRooms + "secret", imports: []string{"std"}},
	{packages: suiteRooms + "secret/secrettest", imports: []string{"std"}},
	{packages: suiteRooms + "wire", imports: []string{"std", suiteRooms + "excerpt"}},
	{packages: "conformance/provision", imports: []string{"std", suiteRooms + "excerpt", suiteRooms + "process", suiteRooms + "secret", "openapi/strictjson"}},
	{packages: "conformance/report", imports: []string{"std", "conformance/requirement", "conformance/provision", suiteRooms + "excerpt", "openapi/plain"}},
	{packages: suiteRooms + "contract", imports: []string{"std", "conformance/requirement", suiteRooms + "excerpt", "openapi/strictjson",
		suiteRooms + "wire", "github.com/getkin/kin-openapi/..."}},
	{packages: suiteRooms + "suite", imports: []string{"std", "conformance/requirement", "conformance/provision", suiteRooms + "contract",
		suiteRooms + "excerpt", suiteRooms + "wire"}},
	{packages: suiteRooms + "evidence", imports: []string{"std", "conformance/report", "conformance/requirement", suiteRooms + "contract",
		suiteRooms + "excerpt", suiteRooms + "secret", suiteRooms + "suite", suiteRooms + "wire"}},
	// Neither the runner nor what it is made of knows the cases: it is handed
	// them, so that the suite of another contract can be run without a change.
	{packages: suiteRooms + "runner", imports: []string{"std", "conformance/provision", "conformance/report", "conformance/requirement",
		suiteRooms + "contract", suiteRooms + "evidence", suiteRooms + "excerpt", suiteRooms + "suite", suiteRooms + "wire"},
		never: slices.Concat(suiteCore, []string{suiteRooms + "cases", suiteRooms + "oracle", suiteRooms + "expect", "openapi"})},
	{packages: suiteRooms + "expect", imports: []string{"std", "conformance/requirement", suiteRooms + "excerpt", suiteRooms + "suite", suiteRooms + "wire"}},
	{packages: suiteRooms + "oracle", imports: []string{"std", "conformance/provision", "conformance/requirement", suiteRooms + "excerpt",
		suiteRooms + "expect", suiteRooms + "suite", suiteRooms + "wire"}},
	{packages: suiteRooms + "explore", imports: []string{"std", "conformance/provision", "conformance/requirement", suiteRooms + "expect",
		suiteRooms + "oracle", suiteRooms + "suite", suiteRooms + "wire", "github.com/anishathalye/porcupine"}},
	{packages: suiteRooms + "cases", imports: []string{"std", "openapi", "conformance/provision", "conformance/requirement", "conformance/version",
		suiteRooms + "excerpt", suiteRooms + "expect", suiteRooms + "explore", suiteRooms + "oracle", suiteRooms + "suite", suiteRooms + "wire"},
		never: suiteCore},
	{packages: "conformance", imports: []string{"std", "conformance/provision", "conformance/report", "conformance/requirement", "conformance/version",
		suiteRooms + "cases", suiteRooms + "runner", suiteRooms + "suite"}, never: suiteCore},

	// What is built on the front door, or proves the rooms behind it.
	{packages: "conformance/chain/...", imports: []string{"std", "openapi", "openapi/gate/source", "openapi/gate/model", "openapi/gate/finding", "conformance",
		"conformance/report", "conformance/requirement", "conformance/chain/...", "openapi/plain", "any"}, never: suiteCore},
	{packages: "conformance/conformancetest", imports: []string{"std", "testing", "openapi/plain", "conformance", "conformance/provision", "conformance/report",
		"conformance/requirement"}, never: slices.Concat(server, engine, specTools)},
	{packages: "conformance/container/...", imports: []string{"std", "conformance", "conformance/provision", "conformance/report", "any"},
		never: slices.Concat(server, specTools)},
	{packages: "conformance/testenv", imports: []string{"std", "testing"}},
	{packages: suiteRooms + "wire/wiretest", imports: []string{"std", "testing"}},
	{packages: suiteRooms + "faulty", imports: []string{"std"}},
	{packages: suiteRooms + "proof", imports: []string{"std"}},

	{packages: "cmd/internal/build", imports: []string{"std", "openapi", "conformance/version", "cmd/internal/command"}},
	{packages: "cmd/internal/output", imports: []string{"std"}},
	{packages: "cmd/internal/terminal", imports: []string{"std", "golang.org/x/term", "openapi/plain"}},
	{packages: "cmd/internal/command", imports: []string{"std", "openapi/plain"}},
	{packages: "cmd", imports: []string{"std"}},
	{packages: "cmd/mtrackd/internal/heap", imports: []string{"std"}},
	{packages: "cmd/mtrackd/internal/journal", imports: []string{"std"}},
	{packages: "cmd/mtrackd/internal/listener", imports: []string{"std"}},
	{packages: "cmd/mtrackd/internal/private", imports: []string{"std"}},
	{packages: "cmd/mtrackd/internal/cors", imports: []string{"std"}},
	{packages: "cmd/mtrackd/internal/reach", imports: []string{"std", "impl/track", "impl/redisstore", "impl/redisstore/redisurl", "github.com/redis/go-redis/..."}},
	{packages: "cmd/mtrackd/internal/demodata", imports: []string{"std", "impl/track", "impl/record"}},
	{packages: "cmd/mtrackd/internal/admin", imports: []string{"std", "impl/redisstore/health", "github.com/redis/go-redis/...", "github.com/prometheus/client_golang/..."}},
	{packages: "cmd/mtrackd", imports: []string{"std", "gen/provisioning", "impl/...", "openapi/plain", "cmd/internal/...", "cmd/mtrackd/internal/...", "any"},
		never: slices.Concat(engine, specTools, noTesting, []string{"conformance", "conformance/internal/..."})},
	{packages: "cmd/mtrack-conformance", imports: []string{"std", "openapi", "conformance", "conformance/provision", "conformance/report",
		"conformance/requirement", "cmd/internal/...", "openapi/plain", "openapi/typo"}, never: suiteCore},
	{packages: "cmd/mtrack-spec", imports: []string{"std", "openapi/...", "conformance/chain/...", "conformance/report", "conformance/requirement", "cmd/internal/...", "any"},
		never: slices.Concat(server, engine, noTesting)},
}

// testPackages import testing by their nature: they are for tests alone, so
// nothing but tests may import them.
var testPackages = []string{
	"conformance/testenv", "conformance/conformancetest", "conformance/internal/faulty", "conformance/internal/wire/wiretest",
	"impl/internal/redistest", "impl/storetest", "openapi/plain/plaintest",
	"conformance/internal/secret/secrettest",
}

// matches reports whether a pattern matches a path.
func matches(pattern, path string) bool {
	if above, all := strings.CutSuffix(pattern, "/..."); all {
		return path == above || strings.HasPrefix(path, above+"/")
	}
	return path == pattern
}

// permits reports whether one of the patterns takes in what is imported.
func permits(patterns []string, imported string) bool {
	name, own := strings.CutPrefix(imported, module+"/")
	first, _, _ := strings.Cut(imported, "/")
	kind := "std"
	switch {
	case own:
		kind = ""
	case imported == "testing" || strings.HasPrefix(imported, "testing/"):
		kind, name = "testing", "testing"
	case strings.Contains(first, "."):
		kind = "any"
	}
	for _, pattern := range patterns {
		if pattern == kind || matches(pattern, name) {
			return true
		}
	}
	return false
}

// ruleFor returns the rule of a package of this module, by its folder.
func ruleFor(folder string) (importRule, bool) {
	for _, rule := range importRules {
		if matches(rule.packages, folder) {
			return rule, true
		}
	}
	return importRule{}, false
}

// listed is what the go command says of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Error      *struct{ Err string }
}

// systems are the operating systems for which the borders are looked at: a file
// that only one of them compiles may import what no other does.
var systems = []string{"linux", "darwin", "windows"}

// listPackages returns the packages of this module and all that they import
// outside of tests on a system, by path.
func listPackages(t *testing.T, system string) map[string]listed {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports,Error", "./...")
	list.Dir = ".."
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	var complaint bytes.Buffer
	list.Stderr = &complaint
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	packages := map[string]listed{}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// pathTo returns the shortest way over imports from a package to one that the
// patterns take in, nil where there is none.
func pathTo(packages map[string]listed, from string, patterns []string) []string {
	before := map[string]string{from: ""}
	queue := []string{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at != from && permits(patterns, at) {
			var way []string
			for ; at != ""; at = before[at] {
				way = append(way, at)
			}
			slices.Reverse(way)
			return way
		}
		for _, next := range packages[at].Imports {
			if _, seen := before[next]; !seen {
				before[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// TestImports holds every package of the module to the borders: what it
// imports, and what that imports in turn.
func TestImports(t *testing.T) {
	t.Parallel()
	for _, system := range systems {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			checkImports(t, listPackages(t, system))
		})
	}
}

func checkImports(t *testing.T, packages map[string]listed) {
	t.Helper()
	looked := 0
	for path, p := range packages {
		folder, own := strings.CutPrefix(path, module+"/")
		if !own {
			continue
		}
		looked++
		rule, ok := ruleFor(folder)
		if !ok {
			t.Errorf("no rule says what package %s may import: add one to importRules", folder)
			continue
		}
		for _, imported := range p.Imports {
			if !permits(rule.imports, imported) {
				t.Errorf("%s imports %s, which the rule for %s does not allow", folder, imported, rule.packages)
			}
			if below, own := strings.CutPrefix(imported, module+"/"); own && slices.Contains(testPackages, below) && !slices.Contains(testPackages, folder) {
				t.Errorf("%s imports %s, which is for tests alone", folder, below)
			}
		}
		if way := pathTo(packages, path, rule.never); way != nil {
			t.Errorf("%s must not reach %s, and does:\n\t%s", folder, way[len(way)-1], strings.Join(way, "\n\t→ "))
		}
	}
	if looked < 20 {
		t.Errorf("only %d packages were looked at: is the folder wrong?", looked)
	}
}

// TestImportRules makes sure that the rules can refuse.
func TestImportRules(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		folder, imported string
		want             bool
	}{
		{"impl/track", "context", true},
		{"impl/track", "testing", false},
		{"impl/track", "github.com/redis/go-redis/v9", false},
		{"impl/httpapi", module + "/gen/music", true},
		{"impl/httpapi", module + "/impl/redisstore", false},
		{"impl/redisstore", "github.com/redis/go-redis/v9", true},
		{"impl/redisstore", module + "/gen/music", false},
		{"impl/redisstore", module + "/impl/record", false},
		{"impl/redisstore/registry", module + "/impl/redisstore", false},
		{"impl/track", module + "/impl/record", false},
		{"openapi/gate/check", module + "/openapi/gate/source", true},
		{"openapi/gate/check", module + "/conformance", false},
		{"conformance/chain/trace", module + "/openapi/gate/check", false},
		{"cmd/mtrackd", module + "/cmd/mtrackd/internal/demodata", true},
		{"conformance", module + "/impl/track", false},
		{"conformance", "testing", false},
		{"conformance/internal/runner", module + "/conformance/internal/cases", false},
		{"conformance/internal/wire", module + "/conformance/requirement", false},
		{"conformance/container", "github.com/testcontainers/testcontainers-go", true},
		{"conformance/conformancetest", "testing", true},
		{"cmd/mtrackd", module + "/impl", true},
		{"cmd/mtrackd", module + "/conformance", false},
		{"cmd/mtrackd", module + "/openapi/gate/check", false},
		{"cmd/mtrack-conformance", module + "/impl", false},
		{"openapi", module + "/gen/music", false},
	} {
		rule, ok := ruleFor(row.folder)
		if !ok || permits(rule.imports, row.imported) != row.want {
			t.Errorf("%s importing %s: want %v (rule found: %v)", row.folder, row.imported, row.want, ok)
		}
	}
	if _, ok := ruleFor("elsewhere"); ok {
		t.Error("a folder that nobody foresaw has a rule")
	}
	chain := map[string]listed{
		"a": {Imports: []string{"b", "fmt"}}, "b": {Imports: []string{"c"}}, "c": {Imports: []string{"testing"}},
	}
	if way := pathTo(chain, "a", []string{"testing"}); strings.Join(way, " ") != "a b c testing" {
		t.Errorf("the way to testing is %v", way)
	}
	if way := pathTo(chain, "a", []string{"elsewhere/..."}); way != nil {
		t.Errorf("a way to nowhere: %v", way)
	}
}
