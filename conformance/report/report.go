package report

import (
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Version is the version of the JSON form of Report. Fields may be added within a version; readers ignore those that
// they do not know. A field that changes its meaning or goes away makes a new version.
const Version = 1

// Report is what a run found. Its JSON form is the report's schema, described in docs/report.md. Keys are redacted in all
// of it.
type Report struct {
	// Version is ReportVersion.
	Version        int            `json:"report_version"`
	Suite          Suite          `json:"suite"`
	Implementation Implementation `json:"implementation"`
	Target         string         `json:"target"`
	Provisioner    Provisioner    `json:"provisioner"`
	Environment    Environment    `json:"environment"`
	// Command is what would run it again: the effective options.
	Options Options   `json:"options"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Incomplete is set where the run was interrupted: cases that had not run are missing from Cases.
	Incomplete bool            `json:"incomplete"`
	Verdict    Verdict         `json:"verdict"`
	Counts     map[Outcome]int `json:"counts"`
	// Selected is how many cases the options selected; Total is how many the suite has.
	Selected int `json:"selected"`
	Total    int `json:"total"`
	// RateLimited is how many 429 responses were waited out.
	RateLimited int `json:"rate_limited"`
	// Requirements are those of the cases in the report, in the order of the catalogue.
	Requirements []requirement.Requirement `json:"requirements"`
	// Cases are in the order of the suite.
	Cases []Case `json:"cases"`
	// Coverage is what of the contract was exercised, by operation and status.
	Coverage []Coverage `json:"coverage"`
	// MissingScenes are those that a file of scenes lacks, in that file's format and without ids.
	MissingScenes []provision.Request `json:"missing_scenes,omitempty"`
}

// Suite identifies the suite and the contract that it judged by.
type Suite struct {
	Version         string `json:"version"`
	ContractVersion string `json:"contract_version"`
	// ContractSHA256 is the digest of openapi/music.yaml in lower-case hexadecimal.
	ContractSHA256 string `json:"contract_sha256"`
}

// Implementation is what the runner of the suite said is tested.
type Implementation struct {
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
}

// Provisioner is how the target was put into known states.
type Provisioner struct {
	Description string              `json:"description"`
	Features    []provision.Feature `json:"features"`
	// Scenes is how many were made.
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
	Run      []string            `json:"run,omitempty"`
	Skip     []string            `json:"skip,omitempty"`
}

// Case is what became of a case.
type Case struct {
	ID           string                `json:"id"`
	Title        string                `json:"title"`
	Operation    requirement.Operation `json:"operation,omitempty"`
	Level        requirement.Level     `json:"level"`
	Requirements []string              `json:"requirements"`
	Statuses     []int                 `json:"statuses,omitempty"`
	Outcome      Outcome               `json:"outcome"`
	// Reason is given with every outcome but passed, in a sentence: why skipped, what error, what failed.
	Reason  string    `json:"reason,omitempty"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Expected and Actual are given where the target broke something, and complete "expected …", "got …".
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
	// ContractLine is the line of openapi/music.yaml that was broken, 0 where none alone tells.
	ContractLine int `json:"contract_line,omitempty"`
	// KnownReason is the comment of the entry of the list of known failures.
	KnownReason string `json:"known_reason,omitempty"`
	// Retries is how many 429 responses were waited out.
	Retries int `json:"retries,omitempty"`
	// Requests is how many exchanges the case had.
	Requests int `json:"requests"`
	// Exchanges are the evidence of every outcome but passed and skipped, oldest first, bounded in number and size. Those
	// that show the failure are marked Evidence.
	Exchanges []Exchange `json:"exchanges,omitempty"`
	// Omitted is how many exchanges were left out of Exchanges.
	Omitted int `json:"omitted,omitempty"`
	// Attachments are further files, such as the picture of a concurrent history.
	Attachments []Attachment `json:"attachments,omitempty"`
	// Replay is the command line, without the target and the provisioner, that runs the case alone on a new scene.
	Replay string `json:"replay,omitempty"`
}

// Exchange is a request and its response as a report shows them, with keys redacted.
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
	// Curl is a line for a POSIX shell that repeats the request; the key is the variable $API_KEY_<ACTOR>.
	Curl string `json:"curl"`
	// Error says what was wrong with the exchange itself: no response, or a response that is no HTTP.
	Error    string `json:"error,omitempty"`
	Evidence bool   `json:"evidence,omitempty"`
}

// Coverage is what the exchanges with one operation and one status exercised of the contract.
type Coverage struct {
	Operation requirement.Operation `json:"operation"`
	Status    int                   `json:"status"`
	Exchanges int                   `json:"exchanges"`
	// Cases are ids of cases that had such an exchange.
	Cases []string `json:"cases"`
	// Parameters were sent, as "path:track_id", "query:limit", "header:X-API-Key", with those in the query as often as
	// they were there at all.
	Parameters []string `json:"parameters"`
	// ResponseHeaders came back, by canonical name.
	ResponseHeaders []string `json:"response_headers"`
	// Properties came back in the JSON body, as "error.details.track_id", "items[].id".
	Properties []string `json:"properties"`
	// ContentType is the media type of the responses, without parameters.
	ContentTypes []string `json:"content_types"`
}

// Attachment is a file that belongs to a case that did not pass.
type Attachment struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"`
}

// HeaderField is one line of a header, as it was on the wire.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
