package impl_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/seed-5ec2a705/mtrack"

// importRule says what the packages that a pattern matches may import outside
// of tests. A pattern is a path, or one that ends in "/..." for all below and
// itself. Names without a dot in their first segment are of this module, "std"
// is the standard library but for testing, which is named by itself, and "any"
// is what belongs to others. Deny wins over allow.
type importRule struct {
	packages    string
	allow, deny []string
}

// importRules are the borders of the design: openapi → gen → impl → cmd, with
// conformance beside. The first rule that matches a package holds.
var importRules = []importRule{
	{packages: "openapi", allow: []string{"std"}},
	{packages: "gen/...", allow: []string{"std", "github.com/oapi-codegen/runtime", "github.com/oapi-codegen/nullable"}},

	{packages: "impl/track", allow: []string{"std"}},
	{packages: "impl/signedurl", allow: []string{"std"}},
	{packages: "impl/internal/router", allow: []string{"std"}},
	{packages: "impl/internal/redistest", allow: []string{"std", "testing", "impl/track", "impl/redisstore/...", "github.com/redis/go-redis/..."}},
	{packages: "impl/record", allow: []string{"std", "impl/track"}},
	{packages: "impl/storetest", allow: []string{"std", "testing", "impl/track", "impl/record"}},
	{packages: "impl/httpapi", allow: []string{"std", "gen/music", "impl/track", "impl/internal/router", "github.com/oapi-codegen/nullable"}},
	{packages: "impl/provision", allow: []string{"std", "gen/provisioning", "impl/track", "impl/record", "impl/internal/router"}},
	{packages: "impl/redisstore/internal/lua", allow: []string{"std", "impl/track", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore/internal/schema", allow: []string{"std", "impl/track", "impl/record"}},
	{packages: "impl/redisstore/internal/scripts", allow: []string{"std", "impl/redisstore/internal/lua"}},
	{packages: "impl/redisstore/redisurl", allow: []string{"std", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore/registry", allow: []string{"std", "impl/track", "impl/record", "impl/redisstore/internal/...", "github.com/redis/go-redis/..."}},
	{packages: "impl/redisstore", allow: []string{"std", "impl/track", "impl/redisstore/internal/...", "github.com/redis/go-redis/..."}},
	{packages: "impl/embedded", allow: []string{"std", "impl/track", "impl/redisstore", "github.com/redis/go-redis/...", "github.com/alicebob/miniredis/..."}},
	{packages: "impl", allow: []string{"std", "impl/..."}},

	// The suite is independent of everything that it judges: a fault of the
	// generator must not cancel out on both sides.
	{packages: "conformance/conformancetest", allow: []string{"std", "testing", "conformance/..."}},
	{packages: "conformance/container/...", allow: []string{"std", "testing", "conformance/...", "any"}, deny: []string{"github.com/redis/..."}},
	{packages: "conformance/internal/...", allow: []string{"std", "openapi", "conformance/...", "any"},
		deny: []string{"github.com/redis/...", "github.com/testcontainers/...", "github.com/oapi-codegen/..."}},
	{packages: "conformance/...", allow: []string{"std", "openapi", "conformance/...", "any"},
		deny: []string{"conformance/container/...", "conformance/conformancetest", "github.com/redis/...", "github.com/testcontainers/...", "github.com/oapi-codegen/..."}},

	{packages: "cmd/internal/...", allow: []string{"std"}},
	{packages: "cmd/mtrackd/...", allow: []string{"std", "gen/...", "impl/...", "cmd/internal/...", "cmd/mtrackd/internal/...", "any"}, deny: []string{"github.com/testcontainers/..."}},
	{packages: "cmd/mtrack-conformance/...", allow: []string{"std", "openapi", "conformance/...", "cmd/internal/...", "cmd/mtrack-conformance/internal/...", "any"},
		deny: []string{"conformance/conformancetest", "github.com/redis/..."}},
	{packages: "cmd/mtrack-spec/...", allow: []string{"std", "openapi", "conformance", "cmd/internal/...", "cmd/mtrack-spec/internal/...", "any"},
		deny: []string{"github.com/redis/...", "github.com/testcontainers/..."}},
	{packages: "cmd/...", allow: []string{"std", "openapi", "gen/...", "impl/...", "conformance/...", "any"}, deny: []string{"github.com/testcontainers/..."}},
}

// matches reports whether a pattern matches a path.
func matches(pattern, path string) bool {
	if above, all := strings.CutSuffix(pattern, "/..."); all {
		return path == above || strings.HasPrefix(path, above+"/")
	}
	return path == pattern
}

// permits reports whether the rule lets its packages import what is named.
func (r importRule) permits(imported string) bool {
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
	for _, pattern := range r.deny {
		if matches(pattern, name) {
			return false
		}
	}
	for _, pattern := range r.allow {
		if pattern == kind || matches(pattern, name) {
			return true
		}
	}
	return false
}

// ruleFor returns the rule of a package.
func ruleFor(folder string) (importRule, bool) {
	for _, rule := range importRules {
		if matches(rule.packages, folder) {
			return rule, true
		}
	}
	return importRule{}, false
}

// TestImports holds every package of the module to the borders.
func TestImports(t *testing.T) {
	t.Parallel()
	files := 0
	root := ".."
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		folder := path.Dir(filepath.ToSlash(relative))
		rule, ok := ruleFor(folder)
		if !ok {
			t.Errorf("no rule says what package %s may import", folder)
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !rule.permits(imported) {
				t.Errorf("%s imports %s, which the rule for %s does not allow", relative, imported, rule.packages)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files were looked at: is the root wrong?", files)
	}
}

// TestImportRules_Permits makes sure that the rules can refuse.
func TestImportRules_Permits(t *testing.T) {
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
		{"conformance", module + "/openapi", true},
		{"conformance", module + "/impl/track", false},
		{"conformance", module + "/gen/music", false},
		{"conformance", "testing", false},
		{"conformance", "github.com/testcontainers/testcontainers-go", false},
		{"conformance/container", "github.com/testcontainers/testcontainers-go", true},
		{"conformance/conformancetest", "testing", true},
		{"cmd/mtrackd", module + "/impl", true},
		{"cmd/mtrackd", module + "/conformance", false},
		{"cmd/mtrackd", module + "/cmd/internal/command", true},
		{"cmd/internal/command", module + "/impl/track", false},
		{"cmd/internal/command", "github.com/redis/go-redis/v9", false},
		{"cmd/mtrackd", module + "/cmd/mtrack-spec/internal/check", false},
		{"cmd/mtrack-conformance", module + "/impl", false},
		{"openapi", module + "/gen/music", false},
	} {
		rule, ok := ruleFor(row.folder)
		if !ok || rule.permits(row.imported) != row.want {
			t.Errorf("%s importing %s: want %v (rule found: %v)", row.folder, row.imported, row.want, ok)
		}
	}
	if _, ok := ruleFor("elsewhere"); ok {
		t.Error("a folder that nobody foresaw has a rule")
	}
}
