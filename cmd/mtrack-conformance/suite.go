package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// suiteFlags is what run is told.
type suiteFlags struct {
	selection
	target, provision, provisionExec, scenes string
	strict, insecure                         bool
	known, ca, replay, report                string
	seed                                     uint64
	parallel                                 int
	timeout, provisionTimeout                time.Duration
	implementation, implementationVersion    string
}

func (f *suiteFlags) define(fs *flagSet) {
	f.selection.define(fs)
	fs.StringVar(&f.target, "target", "", "`URL` of the implementation: the origin plus any prefix in front of /v1")
	fs.StringVar(&f.provision, "provision", "", "`URL` of its provisioner")
	fs.StringVar(&f.provisionExec, "provision-exec", "", "`COMMAND` that provisions, started for each request, instead of --provision")
	fs.StringVar(&f.scenes, "scenes", "", "`FILE` of finished scenes, instead of --provision; \"mtrack-conformance scenes\" prints one to fill in")
	fs.BoolVar(&f.strict, "strict", false, "let a broken SHOULD fail the run; otherwise it is a warning")
	fs.StringVar(&f.known, "known-failing", "", "`@FILE` that lists cases which must fail, one on each line, # for comments; one that passes fails the run")
	fs.Uint64Var(&f.seed, "seed", 0, "`NUMBER` that all chance derives from; absent: another one each time, told in the report")
	fs.IntVar(&f.parallel, "parallel", conformance.DefaultParallel, "`NUMBER` of cases at once")
	fs.DurationVar(&f.timeout, "timeout", conformance.DefaultTimeout, "`TIME` that a request may take")
	fs.DurationVar(&f.provisionTimeout, "provision-timeout", 30*time.Second, "`TIME` that the provisioner may take for an answer")
	fs.StringVar(&f.report, "report", "", "`KIND=PATH` of reports to write, separated by commas; the kinds are json, junit and html")
	fs.StringVar(&f.replay, "replay", "", "`CASE` to run alone, on a new scene, with all of its exchanges shown")
	fs.StringVar(&f.implementation, "implementation", "", "`NAME` of what is tested, for the report")
	fs.StringVar(&f.implementationVersion, "implementation-version", "", "`VERSION` of what is tested, for the report")
	fs.StringVar(&f.ca, "ca", "", "`FILE` of certificates (PEM) to trust for an https target")
	fs.BoolVar(&f.insecure, "insecure", false, "do not verify the certificate of an https target")
}

// check finds flags that contradict one another.
func (f *suiteFlags) check() error {
	var provisioners []string
	for _, p := range []struct{ flag, value string }{{"--provision", f.provision}, {"--provision-exec", f.provisionExec}, {"--scenes", f.scenes}} {
		if p.value != "" {
			provisioners = append(provisioners, p.flag)
		}
	}
	switch {
	case f.target == "":
		return errors.New("--target is missing: give the origin of the implementation, such as http://127.0.0.1:8080")
	case len(provisioners) == 0:
		return errors.New("give one of --provision, --provision-exec and --scenes, so that the suite can make its scenes")
	case len(provisioners) > 1:
		return fmt.Errorf("%s contradict each other: give one", strings.Join(provisioners, " and "))
	case f.replay != "" && len(f.run) > 0:
		return errors.New("--replay and --run contradict each other: --replay runs its case alone")
	case f.replay != "" && len(f.skip) > 0:
		return errors.New("--replay and --skip contradict each other: --replay runs its case alone")
	case f.insecure && f.ca != "":
		return errors.New("--insecure and --ca contradict each other: give one")
	}
	return nil
}

// provisioner returns the one that the flags name.
func (f *suiteFlags) provisioner(tlsConfig *tls.Config) (conformance.Provisioner, error) {
	switch {
	case f.provisionExec != "":
		return conformance.NewExecProvisioner(f.provisionExec, f.provisionTimeout)
	case f.scenes != "":
		return conformance.OpenScenes(f.scenes)
	default:
		return conformance.NewHTTPProvisioner(f.provision, f.provisionTimeout, tlsConfig)
	}
}

// tlsConfig returns what --ca and --insecure ask for, nil where neither is given.
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
		return nil, fmt.Errorf("--ca: %s holds no certificate in PEM", f.ca)
	}
	return &tls.Config{RootCAs: pool}, nil
}

// options turns the flags into those of the run.
func (f *suiteFlags) options(fs *flagSet) ([]conformance.Option, error) {
	run, err := f.run.expand("--run")
	if err != nil {
		return nil, err
	}
	skip, err := f.skip.expand("--skip")
	if err != nil {
		return nil, err
	}
	options := []conformance.Option{
		conformance.WithProfile(conformance.Profile(f.profile)), conformance.WithStrict(f.strict),
		conformance.WithSkip(skip...), conformance.WithParallel(f.parallel), conformance.WithTimeout(f.timeout),
	}
	if f.replay != "" {
		run = []string{f.replay}
		options = append(options, conformance.WithEveryExchange())
	}
	options = append(options, conformance.WithRun(run...))
	if fs.given("seed") {
		options = append(options, conformance.WithSeed(f.seed))
	}
	if f.known != "" {
		entries, err := conformance.ReadKnownFailing(strings.TrimPrefix(f.known, "@"))
		if err != nil {
			return nil, err
		}
		options = append(options, conformance.WithKnownFailing(entries...))
	}
	return options, nil
}

func runSuite(ctx context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "run", "", `Check an implementation. The suite asks the provisioner for scenes, then talks to the target as every actor in them.

Exit status 0: conforming. 1: not conforming. 2: the run decides nothing: wrong usage, an unreachable target, a provisioning
error, or it was interrupted, in which case the reports tell what was run until then.`)
	var f suiteFlags
	f.define(fs)
	if _, status, done := fs.parse(args); done {
		return status
	}
	if err := f.check(); err != nil {
		return fs.refuse(err.Error())
	}
	reports, err := parseReports(f.report)
	if err != nil {
		return fs.refuse(err.Error())
	}
	options, err := f.options(fs)
	if err != nil {
		return fs.refuse(err.Error())
	}
	tlsConfig, err := f.tlsConfig()
	if err != nil {
		return fs.refuse(err.Error())
	}
	provisioner, err := f.provisioner(tlsConfig)
	if err != nil {
		return fs.refuse(err.Error())
	}
	progress := newProgress(env)
	report, err := conformance.Run(ctx, conformance.Target{
		URL: f.target, TLS: tlsConfig, Provisioner: provisioner, Name: f.implementation, Version: f.implementationVersion,
	}, append(options, conformance.WithProgress(progress.tell))...)
	progress.clear()
	if err != nil {
		var option *conformance.OptionError
		if errors.As(err, &option) {
			return fs.refuse(err.Error())
		}
		fmt.Fprintln(env.stderr, "mtrack-conformance run:", err)
		return exitUsage
	}
	if err := report.WriteText(env.stdout, conformance.TextOptionsFor(env.stdout, env.getenv)); err != nil {
		fmt.Fprintln(env.stderr, "mtrack-conformance run:", err)
		return exitUsage
	}
	status := report.Verdict.ExitStatus()
	for _, r := range reports {
		if err := r.write(report); err != nil {
			fmt.Fprintf(env.stderr, "mtrack-conformance run: the %s report was not written: %v\n", r.kind, err)
			status = cmp.Or(status, exitUsage)
		}
	}
	return status
}

// reportFile is a report to write.
type reportFile struct{ kind, path string }

// parseReports reads the value of --report.
func parseReports(value string) ([]reportFile, error) {
	var files []reportFile
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		kind, path, ok := strings.Cut(item, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--report: %q is not of the form KIND=PATH, such as html=report.html", item)
		}
		if kind != "json" && kind != "junit" && kind != "html" {
			return nil, fmt.Errorf("--report: %q is no kind of report: give json, junit or html", kind)
		}
		files = append(files, reportFile{kind, path})
	}
	return files, nil
}

// write replaces the file as a whole: a reader never sees half a report.
func (f reportFile) write(r *conformance.Report) (err error) {
	temporary := f.path + ".tmp"
	out, err := os.Create(temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			out.Close()
			os.Remove(temporary)
		}
	}()
	switch f.kind {
	case "json":
		err = r.WriteJSON(out)
	case "junit":
		err = r.WriteJUnit(out)
	default:
		err = r.WriteHTML(out)
	}
	if err != nil {
		return err
	}
	if err = out.Close(); err != nil {
		return err
	}
	return os.Rename(temporary, f.path)
}

// progress shows how far a run has come: a line that is written over on a terminal, and elsewhere a line now and then.
type progress struct {
	out      io.Writer
	terminal bool
	last     time.Time
}

func newProgress(env environment) *progress {
	file, ok := env.stderr.(*os.File)
	return &progress{out: env.stderr, terminal: ok && term.IsTerminal(int(file.Fd()))}
}

// quiet is how long nothing is said where the progress goes to a file.
const quiet = 10 * time.Second

func (p *progress) tell(at conformance.Progress) {
	line := fmt.Sprintf("%d of %d cases", at.Done, at.Total)
	if p.terminal {
		running := ""
		if len(at.Running) > 0 {
			running = "  " + at.Running[0]
		}
		fmt.Fprintf(p.out, "\r\x1b[K%s%s", line, running)
		return
	}
	if at.Case == nil {
		p.last = time.Now()
		return
	}
	if time.Since(p.last) >= quiet {
		p.last = time.Now()
		fmt.Fprintln(p.out, line)
	}
}

func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func runVersion(_ context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "version", "", "Print the version of the suite, and of the contract that it judges by.")
	if _, status, done := fs.parse(args); done {
		return status
	}
	fmt.Fprintf(env.stdout, "mtrack-conformance %s\ncontract sha256:%x\n", conformance.Version, sha256.Sum256(openapi.Music))
	return exitOK
}
