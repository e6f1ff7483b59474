package suite

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/contract"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Failure is the target's: what was expected, what came instead, and the exchanges that show it.
type Failure struct {
	Expected string
	Actual   string
	// Exchanges may be empty where the whole of what the case did is the evidence.
	Exchanges []*wire.Exchange
	// ContractLine is the line of openapi/music.yaml that was broken, 0 where it is not the contract alone that tells.
	ContractLine int
	// Contract is set where the answer breaks the contract's text, which is a MUST whatever the level of the case.
	Contract bool
	// Attachments are further files for the report, such as the picture of a history.
	Attachments []Attachment
}

// Attachment is a file that belongs to a failure.
type Attachment struct {
	Name      string
	MediaType string
	Data      []byte
}

// Fail makes the error by which a case says that the target breaks its requirement. Both texts are for people: the first
// completes "expected …", the second "got …".
func Fail(expected, actual string, exchanges ...*wire.Exchange) error {
	return &Failure{Expected: expected, Actual: actual, Exchanges: exchanges}
}

// Error tells what was expected and what came.
func (f *Failure) Error() string {
	return fmt.Sprintf("expected %s; got %s", f.Expected, f.Actual)
}

// Skipped is the error by which a case says that it could not be judged.
type Skipped struct {
	Reason string
}

// Skip makes the error by which a case says that it proves nothing against this target, and why. Skipped is never passed.
func Skip(reason string) error { return &Skipped{Reason: reason} }

// Error gives the reason.
func (s *Skipped) Error() string { return "skipped: " + s.Reason }

// RateLimited says that the target kept answering 429 for longer than a request may take.
type RateLimited struct {
	Exchange *wire.Exchange // the last of them
	Waited   time.Duration
}

// Error tells what to do about it.
func (r *RateLimited) Error() string {
	return fmt.Sprintf("%s was answered 429 for %s: lift the target's rate limits for the run, or run fewer cases at once",
		r.Exchange.Summary(), r.Waited.Round(time.Millisecond))
}

// contractFailure makes one Failure of all violations.
func contractFailure(contractName string, e *wire.Exchange, found []contract.Violation) error {
	var expected, actual []string
	for _, v := range found {
		place := ""
		if v.Line > 0 {
			place = fmt.Sprintf(" (%s:%d)", contractName, v.Line)
		}
		expected = append(expected, v.Expected+place)
		actual = append(actual, v.Actual)
	}
	return &Failure{
		Expected:     strings.Join(expected, "; "),
		Actual:       strings.Join(actual, "; "),
		Exchanges:    []*wire.Exchange{e},
		ContractLine: found[0].Line,
		Contract:     true,
	}
}
