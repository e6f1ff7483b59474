package build

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi"
)

func TestModule(t *testing.T) {
	t.Parallel()
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for name, row := range map[string]struct {
		info            *debug.BuildInfo
		version, commit string
	}{
		"no build information": {nil, "(devel)", "unknown"},
		"no version control":   {&debug.BuildInfo{}, "(devel)", "unknown"},
		"installed":            {&debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3", "unknown"},
		"checkout": {
			&debug.BuildInfo{Settings: []debug.BuildSetting{setting("vcs.revision", "abc"), setting("vcs.modified", "false")}}, "(devel)", "abc",
		},
		"changed checkout": {
			&debug.BuildInfo{Settings: []debug.BuildSetting{setting("vcs.modified", "true"), setting("vcs.revision", "abc")}}, "(devel)", "abc+changed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if version, commit := module(row.info); version != row.version || commit != row.commit {
				t.Errorf("got %q, %q; want %q, %q", version, commit, row.version, row.commit)
			}
		})
	}
}

func TestContractVersion(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Music)
	if err != nil {
		t.Fatal(err)
	}
	if got := contractVersion(openapi.Music); got != document.Info.Version {
		t.Errorf("got %q, a parser reads %q", got, document.Info.Version)
	}
	if got := contractVersion([]byte("openapi: 3.0.3\n")); got != "unknown" {
		t.Errorf("a document without a version: %q", got)
	}
}

func TestInfo_String(t *testing.T) {
	t.Parallel()
	i := Info{Version: "v1.2.3", Commit: "abc", Suite: "2.0.0", Cases: 7, Contract: "1.0.0", ContractSHA256: "0123"}
	first, rest, _ := strings.Cut(i.String("tool"), "\n")
	if !strings.HasPrefix(first, "tool v1.2.3 (commit abc, go") {
		t.Errorf("first line: %q", first)
	}
	if want := fmt.Sprintln("suite 2.0.0, 7 cases\ncontract 1.0.0 sha256:0123"); rest != want {
		t.Errorf("got %q, want %q", rest, want)
	}
}
