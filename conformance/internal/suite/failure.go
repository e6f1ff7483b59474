package suite

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/contract"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Failure is the error of a case that found the target at fault. Expected and Actual complete
// "expected …" and "got …".
type Failure struct {
	Expected string
	Actual   string
	// Exchanges are the evidence. None means all exchanges of the case.
	Exchanges []*wire.Exchange
	// ContractLine is the line of the contract that was broken, 0 if no single line says it.
	ContractLine int
	// Contract is set if the response breaks the contract itself, which is a MUST whatever the
	// level of the case.
	Contract bool
	// Mismatch is set if the failure is a status, or begins with one.
	Mismatch *Mismatch
	// Attachments are further files for the report, such as a drawing of a history.
	Attachments []Attachment
}

// Mismatch is a response with another status than was expected.
type Mismatch struct {
	Want     string // "404", "403 or 404"
	Exchange *wire.Exchange
}

// Attachment is a file that shows a failure.
type Attachment struct {
	Name      string
	MediaType string
	Data      []byte
}

// Fail returns the [*Failure] of a target that breaks the case's requirement. Both texts are for
// people: the first completes "expected …", the second "got …".
func Fail(expected, actual string, exchanges ...*wire.Exchange) error {
	return &Failure{Expected: expected, Actual: actual, Exchanges: exchanges}
}

// FailStatus is [Fail] for a response whose status is wrong, with what was expected of it: "404",
// "403 or 404".
func FailStatus(want, expected, actual string, x *wire.Exchange) error {
	return &Failure{
		Expected: expected, Actual: actual, Exchanges: []*wire.Exchange{x},
		Mismatch: &Mismatch{Want: want, Exchange: x},
	}
}

// Error says what was expected and what the target did.
func (f *Failure) Error() string {
	return fmt.Sprintf("expected %s; got %s", f.Expected, f.Actual)
}

// Skipped is the error of a case that proves nothing against this target.
type Skipped struct {
	Reason string
}

// Skip returns the error of a case that proves nothing against this target, with the reason.
func Skip(reason string) error { return &Skipped{Reason: reason} }

func (s *Skipped) Error() string { return "skipped: " + s.Reason }

// RateLimited is the error for a target that sent 429 responses for longer than a request may take.
type RateLimited struct {
	Exchange *wire.Exchange // the last one
	Waited   time.Duration
}

// Error says what to do about it.
func (r *RateLimited) Error() string {
	return fmt.Sprintf("%s got 429 responses for %s: "+
		"lift the target's rate limits for the run, or run fewer cases at once",
		r.Exchange.Summary(), r.Waited.Round(time.Millisecond))
}

// contractFailure is one failure for all violations of an exchange.
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
