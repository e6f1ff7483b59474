package coverage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Cell is what a run exercised of one operation with one status.
type Cell = report.Coverage

// Report is the part of a conformance report that is read.
type Report struct {
	Version int `json:"report_version"`
	Suite   struct {
		ContractSHA256 string `json:"contract_sha256"`
	} `json:"suite"`
	Coverage []Cell `json:"coverage"`
}

// What a file may be instead of a report that can be read. Their texts go on from
// the file's name.
var (
	ErrNotReport  = errors.New("is not a conformance report")
	ErrNoContract = errors.New("does not say which contract it is about")
)

// ReadReport parses a conformance report in JSON.
func ReadReport(data []byte) (*Report, error) {
	var r Report
	err := json.Unmarshal(data, &r)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%w: it is not JSON from byte %d on, or is cut off there: %w", ErrNotReport, syntax.Offset, err)
	case err != nil, r.Version == 0:
		return nil, ErrNotReport
	case r.Version != report.Version:
		return nil, fmt.Errorf("is a report of version %d, and this program reads version %d: use the release that wrote it",
			r.Version, report.Version)
	}
	return &r, nil
}

// OfAnotherContract says that a report is about another contract than the one given.
type OfAnotherContract struct{ Report, Name, Given string }

func (e *OfAnotherContract) Error() string {
	return fmt.Sprintf("is about another contract (sha256 %.12s, and %s has %.12s)", e.Report, e.Name, e.Given)
}

// About reports as an error whether the run was judged by another contract than doc.
func (r *Report) About(doc *source.Document) error {
	if r.Suite.ContractSHA256 == "" {
		return ErrNoContract
	}
	sum := sha256.Sum256(doc.Root.Data)
	if digest := hex.EncodeToString(sum[:]); r.Suite.ContractSHA256 != digest {
		return &OfAnotherContract{r.Suite.ContractSHA256, doc.Root.Display, digest}
	}
	return nil
}
