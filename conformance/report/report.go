package report

import (
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Version is the version of the JSON form of a [Report]. Fields may be added within a version;
// readers ignore those that they do not know. A field that changes its meaning or goes makes a new
// version.
const Version = 1

// Report is what a run found. docs/report.md describes its JSON form, and [Schema] is its schema.
// Keys are redacted in all of it.
type Report struct {
	// Version is that of the constant.
	Version        int            `json:"report_version"`
	Suite          Suite          `json:"suite"`
	Implementation Implementation `json:"implementation"`
	Target         string         `json:"target"`
	Provisioner    Provisioner    `json:"provisioner"`
	Environment    Environment    `json:"environment"`
	// Options are the effective options.
	Options Options   `json:"options"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Incomplete is set if the run was interrupted: Cases lacks those that had not ended.
	Incomplete bool            `json:"incomplete"`
	Verdict    Verdict         `json:"verdict"`
	Counts     map[Outcome]int `json:"counts"`
	// Selected is the number of cases that the options selected, Total that of the suite.
	Selected int `json:"selected"`
	Total    int `json:"total"`
	// RateLimited is the number of 429 responses that were waited out.
	RateLimited int `json:"rate_limited"`
	// Repeated is the number of requests that were sent again, since the target dropped their
	// connections before a byte of a response.
	Repeated int `json:"repeated,omitempty"`
	// LookedAgain is the number of scenes that were looked at again at the end of the run.
	LookedAgain int `json:"looked_again,omitempty"`
	// LookedAfter is the least time in seconds between what was done to such a scene and the second
	// look at it.
	LookedAfter float64 `json:"looked_again_after_seconds,omitempty"`
	// Requirements are those of Cases, in the order of the catalogue.
	Requirements []requirement.Requirement `json:"requirements"`
	// Cases are in the order of the suite.
	Cases []Case `json:"cases"`
	// Coverage is what was exercised of the contract, by operation and status.
	Coverage []Coverage `json:"coverage"`
	// MissingScenes are the requests for scenes that the provisioner could not make.
	MissingScenes []provision.Request `json:"missing_scenes,omitempty"`
}

// Suite identifies the suite and the contract that it judged by.
type Suite struct {
	Version         string `json:"version"`
	ContractVersion string `json:"contract_version"`
	// ContractSHA256 is the digest of the contract's document in lower-case hexadecimal.
	ContractSHA256 string `json:"contract_sha256"`
	// ContractName is what texts call the contract's document. JSON does not have it, so a report
	// that was read has none, and its texts say "the contract".
	ContractName string `json:"-"`
}

// Implementation is the name and version of what was tested, as the caller gave them.
type Implementation struct {
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
}

// Provisioner is how the target was put into known states.
type Provisioner struct {
	Description string              `json:"description"`
	Features    []provision.Feature `json:"features"`
	// Scenes is the number of scenes that were made.
	Scenes int `json:"scenes"`
}

// Environment is where the suite ran.
type Environment struct {
	Go   string `json:"go"`
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
}

// Options holds the effective options of a run.
type Options struct {
	Profile  requirement.Profile `json:"profile"`
	Strict   bool                `json:"strict"`
	Seed     uint64              `json:"seed"`
	Parallel int                 `json:"parallel"`
	Timeout  string              `json:"timeout"`
	// Patience is the least time that was waited before a second look at a scene, "" for none.
	Patience string   `json:"patience,omitempty"`
	Run      []string `json:"run,omitempty"`
	Skip     []string `json:"skip,omitempty"`
}

// Case is the result of a case.
type Case struct {
	ID string `json:"id"`
	// Where is the file and line at which the case is written, "" in a report that was read from
	// JSON.
	Where        string                `json:"-"`
	Title        string                `json:"title"`
	Operation    requirement.Operation `json:"operation,omitempty"`
	Level        requirement.Level     `json:"level"`
	Requirements []requirement.ID      `json:"requirements"`
	Statuses     []int                 `json:"statuses,omitempty"`
	Outcome      Outcome               `json:"outcome"`
	// Reason says in a sentence why the case did not pass.
	Reason  string    `json:"reason,omitempty"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Expected and Actual are set if the target broke something. They complete "expected …" and
	// "got …".
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
	// Finding says what the target broke in words that are the same for all cases that found the
	// same. Reports group by it.
	Finding string `json:"finding,omitempty"`
	// ContractLine is the line of the contract's document that was broken, 0 if no single line says it.
	ContractLine int `json:"contract_line,omitempty"`
	// KnownReason is the reason in the list of known failures.
	KnownReason string `json:"known_reason,omitempty"`
	// Retries is the number of 429 responses that were waited out.
	Retries int `json:"retries,omitempty"`
	// Repeated is the number of requests that were sent again, since the target dropped their
	// connections before a byte of a response.
	Repeated int `json:"repeated,omitempty"`
	// LookedAfter is the time in seconds after which the case looked again at its scene.
	LookedAfter float64 `json:"looked_again_after_seconds,omitempty"`
	// Requests is the number of exchanges of the case.
	Requests int `json:"requests"`
	// Exchanges are in order, and limited in number and size. A case that passed or was skipped has
	// none, unless all exchanges were asked for.
	Exchanges []Exchange `json:"exchanges,omitempty"`
	// Omitted is the number of exchanges that are not in Exchanges.
	Omitted int `json:"omitted,omitempty"`
	// Attachments are further files, such as a drawing of a concurrent history.
	Attachments []Attachment `json:"attachments,omitempty"`
	// Replay is the command that runs the case alone on a new scene, without the target and the
	// provisioner.
	Replay string `json:"replay,omitempty"`
}

// Evidence returns the exchanges that show why the case did not pass, or all of them if none is
// marked.
func (c Case) Evidence() []Exchange {
	var marked []Exchange
	for _, x := range c.Exchanges {
		if x.Evidence {
			marked = append(marked, x)
		}
	}
	if marked == nil {
		return c.Exchanges
	}
	return marked
}

// Exchange is a request and the response to it, with keys redacted.
type Exchange struct {
	Method          string                `json:"method"`
	URL             string                `json:"url"`
	RequestHeader   []HeaderField         `json:"request_header"`
	RequestBody     string                `json:"request_body,omitempty"`
	Operation       requirement.Operation `json:"operation,omitempty"`
	Status          int                   `json:"status"` // 0: no response
	ResponseProto   string                `json:"response_proto,omitempty"`
	ResponseHeader  []HeaderField         `json:"response_header"`
	ResponseBody    string                `json:"response_body"`
	ResponseBytes   int                   `json:"response_bytes"` // of the whole body, where ResponseBody is cut
	Start           time.Time             `json:"start"`
	TimeToFirstByte float64               `json:"time_to_first_byte_ms"`
	Duration        float64               `json:"duration_ms"`
	// Curl is a command line for a POSIX shell that repeats the request. A key in it is the
	// variable $API_KEY_<ACTOR>.
	Curl string `json:"curl"`
	// Error says what was wrong with the exchange itself: no response, or one that is not HTTP.
	Error string `json:"error,omitempty"`
	// Evidence is set if the exchange shows why the case did not pass.
	Evidence bool `json:"evidence,omitempty"`
}

// Coverage is what the exchanges of one operation with one status exercised of the contract.
type Coverage struct {
	Operation requirement.Operation `json:"operation"`
	Status    int                   `json:"status"`
	Exchanges int                   `json:"exchanges"`
	// Cases are the ids of the cases with such an exchange.
	Cases []string `json:"cases"`
	// Parameters are those that were sent, as "path:track_id", "query:limit" or "header:X-API-Key".
	Parameters []string `json:"parameters"`
	// ResponseHeaders are the canonical names of the header fields of the responses.
	ResponseHeaders []string `json:"response_headers"`
	// Properties are those of the JSON bodies, as "error.details.track_id" or "items[].id".
	Properties []string `json:"properties"`
	// ContentTypes are the media types of the responses, without parameters.
	ContentTypes []string `json:"content_types"`
}

// Attachment is a file that shows why a case did not pass.
type Attachment struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"`
}

// HeaderField is a line of a header, as it was on the wire.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
