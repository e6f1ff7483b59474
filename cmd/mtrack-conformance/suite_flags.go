package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// suiteFlags are the flags of run.
type suiteFlags struct {
	selection
	target, provision, provisionExec, scenes string
	strict, insecure, showKeys               bool
	known                                    command.List
	ca, replay, report                       string
	seed                                     uint64
	parallel                                 int
	timeout, patience, provisionTimeout      time.Duration
	implementation, implementationVersion    string

	shown string // what reports call the provisioner; with … for what may be a secret
}

func (f *suiteFlags) define(fs *command.FlagSet) {
	f.selection.define(fs)
	fs.StringVar(&f.target, "target", "",
		"`URL` of the implementation: the origin plus any prefix in front of /v1")
	fs.StringVar(&f.provision, "provision", "",
		"`URL` of its provisioner, to which the suite appends /capabilities, /scenes and so on")
	fs.StringVar(&f.provisionExec, "provision-exec", "",
		"`COMMAND` that provisions, started for each request without a shell; replaces --provision")
	fs.StringVar(&f.scenes, "scenes", "",
		"`FILE` of finished scenes; replaces --provision. \"mtrack-conformance scenes\" prints one to\nfill in")
	fs.BoolVar(&f.strict, "strict", false,
		"fail if a SHOULD is broken, which is a warning otherwise")
	fs.Var(&f.known, "known-failing",
		"`@FILE` that lists the cases known to fail: one glob per line, the reason after #. If a\n"+
			"listed case passes, the run fails; a glob that matches no case is wrong usage")
	fs.Uint64Var(&f.seed, "seed", 0,
		"`NUMBER` that everything random derives from; default: a new one for each run, given in the\nreport")
	fs.IntVar(&f.parallel, "parallel", 0,
		"`NUMBER` of cases that run at once; default: chosen by how fast the target responds. As many\n"+
			"cases that only wait for time to pass run beside them, unless the number is 1")
	fs.DurationVar(&f.timeout, "timeout", conformance.DefaultTimeout,
		"`TIME` that a request may take")
	fs.DurationVar(&f.patience, "patience", 0,
		"`TIME` that passes at least before some cases look again at their scenes, for what is undone\nor "+
			"carried out late; by default they do so at the end of the run, and nothing waits")
	fs.DurationVar(&f.provisionTimeout, "provision-timeout", provision.DefaultTimeout,
		"`TIME` that the provisioner may take to respond")
	fs.StringVar(&f.report, "report", "",
		"`KIND=PATH` of reports to write, separated by commas; the kinds are json, junit and html")
	fs.StringVar(&f.replay, "replay", "",
		"`CASE` to run alone, on a new scene, and to show with all of its exchanges;\n"+
			"give the --seed of the report too")
	fs.BoolVar(&f.showKeys, "show-keys", false,
		"with --replay: print the API keys, as the variables that the curl lines use")
	fs.StringVar(&f.implementation, "implementation", "",
		"`NAME` of the implementation, for the report")
	fs.StringVar(&f.implementationVersion, "implementation-version", "",
		"`VERSION` of the implementation, for the report")
	fs.StringVar(&f.ca, "ca", "",
		"`FILE` of certificates (PEM) to trust for an https target or provisioner")
	fs.BoolVar(&f.insecure, "insecure", false,
		"do not verify the certificate of an https target or provisioner")
}

// check finds flags that contradict each other or are missing. Flags on the command line take
// precedence over those of the environment that they exclude.
func (f *suiteFlags) check(fs *command.FlagSet) error {
	fs.Choose("provision", "provision-exec", "scenes")
	fs.Choose("insecure", "ca")
	if fs.OnLine("replay") {
		fs.Choose("replay", "run", "skip", "known-failing")
	}
	contradict := func(names ...string) error {
		var given []string
		for _, name := range names {
			if fl := fs.Lookup(name); fl.Value.String() != fl.DefValue {
				given = append(given, "--"+name)
			}
		}
		if len(given) < 2 {
			return nil
		}
		return fmt.Errorf("%s contradict each other: give one", strings.Join(given, " and "))
	}
	if err := errors.Join(
		contradict("provision", "provision-exec", "scenes"),
		contradict("insecure", "ca"),
		contradict("replay", "run"),
		contradict("replay", "skip"),
		contradict("replay", "known-failing"),
	); err != nil {
		return err
	}
	secure := strings.HasPrefix(f.target, "https:") || strings.HasPrefix(f.provision, "https:")
	switch {
	case f.target == "":
		return errors.New("--target is missing: give the origin of the implementation, such as http://127.0.0.1:8080")
	case f.provision == "" && f.provisionExec == "" && f.scenes == "":
		return errors.New("give one of --provision, --provision-exec and --scenes: the suite needs its scenes")
	case f.insecure && !secure:
		return errors.New("--insecure has no effect without an https --target or --provision: " +
			"leave it out, or use https")
	case f.ca != "" && !secure:
		return errors.New("--ca has no effect without an https --target or --provision: " +
			"leave it out, or use https")
	case f.scenes != "" && fs.OnLine("provision-timeout"):
		return errors.New("--provision-timeout has no effect with --scenes: leave it out")
	case f.showKeys && f.replay == "":
		return errors.New("--show-keys has no effect without --replay: leave it out")
	case f.replay != "" && !isCase(f.replay):
		return fmt.Errorf("--replay: no case %q%s; \"mtrack-conformance list\" lists them", f.replay, similar(f.replay))
	case f.provisionTimeout <= 0:
		return fmt.Errorf("--provision-timeout: must be greater than zero, and is %s: give a duration such as 30s",
			f.provisionTimeout)
	}
	return nil
}

// provisioner returns the one that the flags name.
func (f *suiteFlags) provisioner(tlsConfig *tls.Config) (p provision.Provisioner, err error) {
	flag := "--provision"
	switch {
	case f.provisionExec != "":
		flag = "--provision-exec"
		p, err = provision.Command(f.provisionExec, f.provisionTimeout)
	case f.scenes != "":
		flag = "--scenes"
		p, err = provision.File(f.scenes)
	default:
		p, err = provision.HTTP(f.provision, f.provisionTimeout, tlsConfig)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	f.shown = fmt.Sprint(p)
	return p, nil
}

// tlsConfig returns what --ca and --insecure ask for, nil if neither is given.
func (f *suiteFlags) tlsConfig() (*tls.Config, error) {
	switch {
	case f.insecure:
		return &tls.Config{InsecureSkipVerify: true}, nil
	case f.ca == "":
		return nil, nil
	}
	pem, err := os.ReadFile(f.ca)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca: %s has no certificate in PEM", f.ca)
	}
	return &tls.Config{RootCAs: pool}, nil
}

// options turns the flags into those of the run.
func (f *suiteFlags) options(fs *command.FlagSet) ([]conformance.Option, error) {
	run, err := expand("--run", f.run)
	if err != nil {
		return nil, err
	}
	skip, err := expand("--skip", f.skip)
	if err != nil {
		return nil, err
	}
	known, err := readPatterns("--known-failing", f.known)
	if err != nil {
		return nil, err
	}
	options := []conformance.Option{
		conformance.WithProfile(requirement.Profile(f.profile)),
		conformance.WithStrict(f.strict),
		conformance.WithRun(run...),
		conformance.WithSkip(skip...),
		conformance.WithKnownFailing(known...),
		conformance.WithParallel(f.parallel),
		conformance.WithTimeout(f.timeout),
		conformance.WithPatience(f.patience),
	}
	if f.replay != "" {
		options = append(options, conformance.WithRun(f.replay), conformance.WithAllExchanges())
	}
	if fs.Given("seed") {
		options = append(options, conformance.WithSeed(f.seed))
	}
	return options, nil
}

// isCase reports whether the suite has a case of that id.
func isCase(id string) bool {
	return slices.ContainsFunc(conformance.Cases(), func(c conformance.Case) bool { return c.ID == id })
}
