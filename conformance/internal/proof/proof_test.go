package proof

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/cases"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// proof is how much is proved. The suite proves itself against the catalogue of package faulty:
// every fault has to be caught by a case that is named for it, and no correct variant may fail
// anything.
//
//	MTRACK_PROOF=sample      some faults meet the cases that are named for them, and some variants
//	                         some cases (an ordinary test run)
//	MTRACK_PROOF=named       every fault meets the cases that are named for it, each variant a
//	                         third of all, another with each seed: with three seeds it meets all
//	MTRACK_PROOF=full        every fault meets all cases once, so that the matrix shows which
//	                         others detect it, each variant all
//	MTRACK_PROOF_SEEDS=3     with how many seeds, other than one
//	MTRACK_PROOF_ONLY=GLOB   every fault and variant of such names, whatever the sample
type proof struct {
	full bool
	// faultShare is into how many parts the faults are divided, of which one is proved.
	faultShare uint32
	// variantPart is into how many parts the variants are divided, of which one is proved.
	variantPart uint32
	// variantShare is into how many parts the cases are divided, of which each variant meets
	// another one with each seed.
	variantShare uint32
	seeds        []uint64
	only         string
}

func newProof(t *testing.T) proof {
	p := proof{faultShare: 20, variantPart: 4, variantShare: 128, only: os.Getenv("MTRACK_PROOF_ONLY")}
	switch level := os.Getenv("MTRACK_PROOF"); level {
	case "", "sample":
	case "named":
		p.faultShare, p.variantPart, p.variantShare = 1, 1, 3
	case "full":
		p.full, p.faultShare, p.variantPart, p.variantShare = true, 1, 1, 1
	default:
		t.Fatalf("MTRACK_PROOF=%q: want sample, named or full", level)
	}
	if p.only != "" {
		p.faultShare, p.variantPart = 1, 1
		if !slices.ContainsFunc(faulty.Faults(), func(f faulty.Fault) bool { return p.includes(f.Name) }) &&
			!slices.ContainsFunc(faulty.Variants(), func(v faulty.Variant) bool { return p.includes(v.Name) }) {
			t.Fatalf("MTRACK_PROOF_ONLY=%q: no fault or variant has such a name; want a pattern as of path.Match", p.only)
		}
	}
	n := 1
	if text := os.Getenv("MTRACK_PROOF_SEEDS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("MTRACK_PROOF_SEEDS=%q: want a number above 0", text)
		}
	}
	for seed := range n {
		p.seeds = append(p.seeds, uint64(seed+1))
	}
	return p
}

func (p proof) includes(name string) bool {
	ok, err := path.Match(p.only, name)
	return p.only == "" || ok && err == nil
}

// TestProofEveryFaultNamesItsCases keeps the catalogue and the suite together.
func TestProofEveryFaultNamesItsCases(t *testing.T) {
	all := cases.All()
	for _, f := range faulty.Faults() {
		if len(f.DetectedBy) == 0 {
			t.Errorf("%s: no case is named for it: %s", f.Name, f.Summary)
		}
		if _, err := runner.ParsePatterns("DetectedBy", f.DetectedBy, all); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// proved is what came of one fault or variant: the cases that did not let it pass.
type proved struct {
	named     []string // cases that are named for a fault and caught it with every seed
	sometimes []string // and those that did with some seeds
	others    []string // cases that caught it without being named for it
	escapes   []string // seeds with which no case caught it that is named for it
	troubles  []string // whatever else happened
}

// TestProofFaults gives every fault to the cases that are named for it. With every seed one of them
// has to catch it.
func TestProofFaults(t *testing.T) {
	testenv.Slow(t)
	p := newProof(t)
	faults := slices.DeleteFunc(faulty.Faults(), func(f faulty.Fault) bool {
		return !p.includes(f.Name) || len(f.DetectedBy) == 0 || hash(f.Name)%p.faultShare != 0
	})
	results := make([]proved, len(faults))
	prove := func(i int) { results[i] = p.proveFault(faults[i]) }
	// What is measured in time is measured alone.
	var quiet, together []int
	for i, f := range faults {
		if slices.ContainsFunc(casesNamedFor(f), func(c suite.Case) bool { return c.Alone }) {
			quiet = append(quiet, i)
		} else {
			together = append(together, i)
		}
	}
	inParallel(together, prove)
	for _, i := range quiet {
		prove(i)
	}
	catches := map[string]int{}
	var matrix bytes.Buffer
	var area faulty.Area
	missed := 0
	for i, f := range faults {
		r := results[i]
		if f.Area != area {
			area = f.Area
			fmt.Fprintf(&matrix, "\n%s\n", strings.ToUpper(string(area)))
		}
		fmt.Fprintf(&matrix, "  %-44s %s\n", f.Name, r)
		if len(r.escapes) > 0 {
			missed++
			t.Errorf("%s escapes %s: %s\n%s", f.Name, strings.Join(f.DetectedBy, ", "), f.Summary, r)
		}
		for _, id := range slices.Concat(r.named, r.sometimes, r.others) {
			catches[id]++
		}
	}
	if p.full {
		fmt.Fprintf(&matrix, "\nFAULTS THAT EACH CASE CAUGHT\n")
		for _, c := range cases.All() {
			fmt.Fprintf(&matrix, "  %-64s %d\n", c.ID(), catches[c.ID()])
		}
	}
	t.Logf("%d faults, %d of which escape, seeds: %d\n%s", len(faults), missed, len(p.seeds), matrix.String())
}

// String writes a row of the matrix.
func (r proved) String() string {
	var parts []string
	for _, part := range []struct {
		label string
		ids   []string
	}{{"", r.named}, {"sometimes ", r.sometimes}, {"also ", r.others}, {"ESCAPES with seed ", r.escapes}, {"trouble: ", r.troubles}} {
		if len(part.ids) > 0 {
			parts = append(parts, part.label+strings.Join(part.ids, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

func casesNamedFor(f faulty.Fault) []suite.Case {
	named, err := runner.ParsePatterns("DetectedBy", f.DetectedBy, cases.All())
	if err != nil {
		return nil // TestProofEveryFaultNamesItsCases tells
	}
	return slices.DeleteFunc(cases.All(), func(c suite.Case) bool { return !runner.AnyMatches(named, c.ID()) })
}

func (p proof) proveFault(f faulty.Fault) proved {
	var r proved
	named := casesNamedFor(f)
	caught := map[string]int{}
	for i, seed := range p.seeds {
		listed := named
		if p.full && i == 0 {
			listed = cases.All()
		}
		result, err := proofRun(faulty.New(faulty.WithFault(f)), listed, runner.Config{
			Seed: seed, Strict: f.Advisory, Patience: f.Patience,
		})
		if err != nil {
			r.troubles = append(r.troubles, err.Error())
			r.escapes = append(r.escapes, fmt.Sprint(seed))
			continue
		}
		escaped := true
		for _, c := range result.Cases {
			switch c.Outcome {
			case report.Failed:
				caught[c.ID]++
				escaped = escaped && !slices.ContainsFunc(named, func(n suite.Case) bool { return n.ID() == c.ID })
			case report.Errored:
				r.troubles = append(r.troubles, c.ID+": "+c.Reason)
			}
		}
		if escaped {
			r.escapes = append(r.escapes, fmt.Sprint(seed))
		}
	}
	for _, c := range named {
		switch n := caught[c.ID()]; {
		case n == len(p.seeds):
			r.named = append(r.named, c.ID())
		case n > 0:
			r.sometimes = append(r.sometimes, fmt.Sprintf("%s (%d of %d)", c.ID(), n, len(p.seeds)))
		}
		delete(caught, c.ID())
	}
	for _, c := range cases.All() {
		if caught[c.ID()] > 0 {
			r.others = append(r.others, c.ID())
		}
	}
	return r
}

// TestProofVariants lets no correct server fail anything.
func TestProofVariants(t *testing.T) {
	testenv.Slow(t)
	p := newProof(t)
	variants := slices.DeleteFunc(faulty.Variants(), func(v faulty.Variant) bool {
		return !p.includes(v.Name) || hash(v.Name)%p.variantPart != 0
	})
	results := make([][]string, len(variants))
	all := make([]int, len(variants))
	for i := range all {
		all[i] = i
	}
	inParallel(all, func(i int) { results[i] = p.proveVariant(variants[i]) })
	var matrix bytes.Buffer
	for i, v := range variants {
		verdict := "passes"
		if len(results[i]) > 0 {
			verdict = strings.Join(results[i], "\n"+strings.Repeat(" ", 47))
			t.Errorf("%s is correct, and does not pass: %s\n%s", v.Name, v.Summary, strings.Join(results[i], "\n"))
		}
		fmt.Fprintf(&matrix, "  %-44s %s\n", v.Name, verdict)
	}
	t.Logf("%d variants, seeds: %d\n%s", len(variants), len(p.seeds), matrix.String())
}

// proveVariant returns what did not pass.
func (p proof) proveVariant(v faulty.Variant) []string {
	var odd []string
	for i, seed := range p.seeds {
		part, place := (hash(v.Name)+uint32(i))%p.variantShare, uint32(0)
		listed := slices.DeleteFunc(cases.All(), func(suite.Case) bool {
			place++
			return place%p.variantShare != part
		})
		profile := requirement.ProfileFull
		if p.full && i%5 == 4 {
			profile = requirement.ProfileDelete
		}
		result, err := proofRun(faulty.New(faulty.WithVariant(v)), listed, runner.Config{Seed: seed, Strict: v.Strict, Profile: profile})
		if err != nil {
			odd = append(odd, err.Error())
			continue
		}
		for _, c := range result.Cases {
			if c.Outcome != report.Passed && c.Outcome != report.Skipped && (c.Outcome != report.Warning || v.Strict) {
				odd = append(odd, fmt.Sprintf("seed %d, profile %s: %s %s: %s", seed, profile, c.Outcome, c.ID, c.Reason))
			}
			if c.Outcome == report.Skipped && offersAll(v) {
				odd = append(odd, fmt.Sprintf("seed %d, profile %s: skipped %s, although every feature is offered: %s", seed, profile, c.ID, c.Reason))
			}
		}
	}
	return odd
}

// offersAll reports whether a variant's provisioner offers all that the suite knows.
func offersAll(v faulty.Variant) bool {
	for _, feature := range provision.Features() {
		if !slices.Contains(v.Features, string(feature)) {
			return false
		}
	}
	return true
}

// hash turns a name into a number, to take a part of many names by.
func hash(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

// proofRun runs cases against a server of its own.
func proofRun(server *faulty.Server, listed []suite.Case, config runner.Config) (*report.Report, error) {
	running, err := server.Start()
	if err != nil {
		return nil, err
	}
	defer running.Close()
	provisioner, err := provision.HTTP(running.Provision, 10*time.Second, nil)
	if err != nil {
		return nil, err
	}
	s := cases.Music()
	s.Cases = listed
	if config.Profile == "" {
		config.Profile = requirement.ProfileFull
	}
	config.Timeout = 30 * time.Second
	r, err := runner.New(context.Background(), s, runner.Target{URL: running.API, Provisioner: provisioner}, config)
	if err != nil {
		return nil, err
	}
	r.RunAll(context.Background())
	return r.Report(), nil
}

// inParallel calls f with each of the numbers. Most of what the suite does is waiting.
func inParallel(numbers []int, f func(int)) {
	queue := make(chan int)
	var workers sync.WaitGroup
	for range 2 * runtime.NumCPU() {
		workers.Go(func() {
			for n := range queue {
				f(n)
			}
		})
	}
	for _, n := range numbers {
		queue <- n
	}
	close(queue)
	workers.Wait()
}
