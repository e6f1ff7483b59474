package main

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// repeat is the command that runs a case alone, to be pasted as it is: with everything that the
// flags and the environment of this run say of the target, the provisioner and the case, and no
// password.
func (f *suiteFlags) repeat(id string, seed uint64, profile requirement.Profile) string {
	words := []string{"mtrack-conformance", "run", "--replay", id, "--seed", fmt.Sprint(seed), "--target", quote(f.target)}
	add := func(flag, value string) { words = append(words, "--"+flag, quote(value)) }
	switch {
	case f.provisionExec != "" && strings.Contains(f.shown, "…"): // an argument may be a secret
		words = append(words, "--provision-exec", `"$`+variablePrefix+`PROVISION_EXEC"`)
	case f.provisionExec != "":
		add("provision-exec", f.provisionExec)
	case f.scenes != "":
		add("scenes", f.scenes)
	case holdsPassword(f.provision):
		words = append(words, "--provision", `"$`+variablePrefix+`PROVISION"`)
	default:
		add("provision", f.provision)
	}
	if f.insecure {
		words = append(words, "--insecure")
	}
	if f.ca != "" {
		add("ca", f.ca)
	}
	if profile != requirement.ProfileFull {
		add("profile", string(profile))
	}
	if f.strict {
		words = append(words, "--strict")
	}
	if f.timeout != conformance.DefaultTimeout {
		add("timeout", f.timeout.String())
	}
	if f.provisionTimeout != provision.DefaultTimeout {
		add("provision-timeout", f.provisionTimeout.String())
	}
	return strings.Join(words, " ")
}

// waitAsLong lets the commands that repeat cases wait as long as these cases did before they looked
// again: alone they would look at once.
func waitAsLong(result *report.Report) {
	for i, c := range result.Cases {
		if c.Replay != "" && c.LookedAfter > 0 {
			wait := time.Duration(math.Ceil(c.LookedAfter)) * time.Second
			result.Cases[i].Replay += " --patience " + wait.String()
		}
	}
}

// holdsPassword reports whether a URL has credentials, or a query or a fragment, which may be
// secrets too.
func holdsPassword(raw string) bool {
	u, err := url.Parse(raw)
	return err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != ""
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

// quote quotes a word for a POSIX shell, if it has to be.
func quote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
