package provision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/strictjson"
)

// Provisioner puts an implementation into known states. NewHTTPProvisioner, NewExecProvisioner and ReadScenes make one of
// the protocol's transports; a Go program may bring its own. Its methods are called by several goroutines at once.
type Provisioner interface {
	// Capabilities lists the optional parts that are offered.
	Capabilities(ctx context.Context) ([]Feature, error)
	// CreateScene makes a new scene. The suite checks that it is complete and new. The error is a *MissingScene where none
	// that matches can be made, and a *ProvisioningError otherwise.
	CreateScene(ctx context.Context, r Request) (*Scene, error)
	// History returns the events of a track, oldest first. The error is ErrNoHistory where no such track was ever created.
	History(ctx context.Context, organization, track string) ([]Event, error)
	// String describes it for reports, without credentials.
	String() string
}

// Event is an entry of a track's history.
type Event struct {
	Type     string    `json:"type"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`
	Amount   string    `json:"amount,omitempty"`
	Currency string    `json:"currency,omitempty"`
}

// The kinds of events that the suite compares.
const (
	EventCreated = "track.created"
	EventBilled  = "track.billed"
	EventDeleted = "track.deleted"
)

// ErrNoHistory says that no such track was ever created.
var ErrNoHistory = errors.New("no such track was ever created")

// MissingScene says that a provisioner has no scene left that matches a request.
type MissingScene struct {
	Request Request
}

// Error says what is missing. WriteScenes prints the scene itself.
func (m *MissingScene) Error() string { return "the file of scenes has none left that matches" }

// Error is the provisioner's: what was asked and what it said. It is never a failure of the target.
type Error struct {
	Provisioner string // what it is
	Request     string // what was asked, as text
	Answer      string // what it said, with keys redacted; "" where it said nothing
	Reason      string // what is wrong with that
	Err         error  // the cause, if any
}

// Error tells all of it.
func (p *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "provisioning: %s: %s", p.Provisioner, p.Reason)
	if p.Err != nil {
		fmt.Fprintf(&b, ": %v", p.Err)
	}
	if p.Request != "" {
		fmt.Fprintf(&b, "\n  asked: %s", p.Request)
	}
	if p.Answer != "" {
		fmt.Fprintf(&b, "\n  said:  %s", p.Answer)
	}
	return b.String()
}

// Unwrap returns the cause.
func (p *Error) Unwrap() error { return p.Err }

const (
	// provisioningProtocol is the version that is spoken.
	provisioningProtocol = 1
	// maxProvisioning is the largest answer of a provisioner that is read.
	maxProvisioning = 8 << 20
	// maxShown is how much of a message of the protocol an error shows.
	maxShown = 4 << 10
)

// message is one exchange with a provisioner: it makes the errors.
type message struct {
	provisioner string
	request     string
	answer      []byte
}

func (m message) wrong(reason string, err error) *Error {
	return &Error{
		Provisioner: m.provisioner,
		Request:     excerpt.Of(m.request, maxShown),
		Answer:      excerpt.Of(redactProvisioning(strings.TrimSpace(strings.ToValidUTF8(string(m.answer), "�"))), maxShown),
		Reason:      reason,
		Err:         err,
	}
}

// decode reads the response as one JSON document of the shape of v.
func (m message) decode(v any) error {
	if err := strictjson.Check(m.answer); err != nil {
		return m.wrong("its response is not one JSON document", err)
	}
	if err := json.Unmarshal(m.answer, v); err != nil {
		return m.wrong("its response has the wrong shape", shapeError(err))
	}
	return nil
}

// shapeError says in the protocol's terms what encoding/json says in Go's.
func shapeError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("%s is a %s, which the protocol does not have there", wrong.Field, wrong.Value)
	}
	return err
}

// capabilities is the response to what is offered.
type capabilities struct {
	Protocol int       `json:"protocol"`
	Features []Feature `json:"features"`
}

func (m message) capabilities() ([]Feature, error) {
	var c capabilities
	if err := m.decode(&c); err != nil {
		return nil, err
	}
	if c.Protocol != provisioningProtocol {
		return nil, m.wrong(fmt.Sprintf("it speaks protocol %d, and this suite %d", c.Protocol, provisioningProtocol), nil)
	}
	return c.Features, nil
}

func (m message) history() ([]Event, error) {
	var answer struct {
		Events *[]Event `json:"events"`
	}
	if err := m.decode(&answer); err != nil {
		return nil, err
	}
	if answer.Events == nil {
		return nil, m.wrong("its response lacks events", nil)
	}
	return *answer.Events, nil
}

func (m message) scene() (*Scene, error) {
	var s Scene
	if err := m.decode(&s); err != nil {
		return nil, err
	}
	return &s, nil
}

// refusal is what a provisioner answers when it cannot.
type refusal struct {
	Error  string `json:"error"`
	Status int    `json:"status"`
}

// secretJSON finds keys in what a provisioner said, before anything of it is understood.
var secretJSON = regexp.MustCompile(`("api_key"\s*:\s*")(?:[^"\\]|\\.)*(")`)

// redactProvisioning takes the keys out of a provisioner's answer.
func redactProvisioning(text string) string {
	return secretJSON.ReplaceAllString(text, "${1}[redacted]${2}")
}
