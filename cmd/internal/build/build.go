// Package build says what a command of this project was built from: the
// module's version and commit, the suite and the contract. All commands print
// it in one shape.
package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance/version"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// Info is what a command was built from.
type Info struct {
	Version string // of the module; "(devel)" where it was built from a checkout without a tag
	Commit  string // with "+changed" where the checkout had changes; "unknown" without version control

	Suite string // the version of the conformance suite in the same module
	Cases int    // how many cases it has

	Contract       string // the version of the contract
	ContractSHA256 string // in hexadecimal
}

// Read returns what this binary was built from.
func Read() Info {
	info, _ := debug.ReadBuildInfo()
	i := Info{
		Suite: version.Suite, Cases: version.Cases,
		Contract: contractVersion(openapi.Music), ContractSHA256: fmt.Sprintf("%x", sha256.Sum256(openapi.Music)),
	}
	i.Version, i.Commit = module(info)
	return i
}

// String returns what the version command of the named program prints.
func (i Info) String(program string) string {
	return fmt.Sprintf("%s %s (commit %s, %s %s/%s)\nsuite %s, %d cases\ncontract %s sha256:%s\n",
		program, i.Version, i.Commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, i.Suite, i.Cases, i.Contract, i.ContractSHA256)
}

// module returns the version and the commit of the module that is the main
// one of the build; info may be nil.
func module(info *debug.BuildInfo) (version, commit string) {
	version, commit = "(devel)", "unknown"
	if info == nil {
		return version, commit
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	return version, commit + changed
}

// contractVersion returns info.version of a contract, without a parser of
// YAML: the server has no other use for one. A test compares it with what a
// parser reads.
func contractVersion(document []byte) string {
	for line := range bytes.Lines(document) {
		if value, ok := strings.CutPrefix(string(line), "  version: "); ok {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// VersionCommand returns the version command of the named program.
func VersionCommand(program string) command.Command {
	return command.Command{
		Name:    "version",
		Summary: "print the versions of this program, the suite and the contract",
		About: `Print the version of this program, with the commit and the Go version that it was built from; the
version of the conformance suite, with the number of its cases; and the version of the contract,
with its digest.`,
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, _ []string) error {
				_, err := io.WriteString(env.Stdout, Read().String(program))
				return err
			}
		},
	}
}
