package provision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/process"
)

// execProvisioner speaks the protocol with one process for each request.
type execProvisioner struct {
	command []string
	timeout time.Duration
}

// Command returns a provisioner that starts a command for each request, which it writes as one line
// of JSON to standard input; the response is what the command writes to standard output. The
// command line is split into words at spaces, without a shell; quotes ('…', "…") and backslashes
// keep spaces in a word. A timeout of 0 means [DefaultTimeout]; it is for each process.
func Command(commandLine string, timeout time.Duration) (Provisioner, error) {
	words, err := process.SplitWords(commandLine)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, errors.New("an empty command: give a command and its arguments")
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return nil, fmt.Errorf("%w: give a command that exists", err)
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &execProvisioner{command: words, timeout: timeout}, nil
}

// option matches the name of an option.
var option = regexp.MustCompile(`^(-[A-Za-z]|--[a-z][a-z-]*)$`)

// String names the command, and those of its arguments that are files or names of options: any
// other may be a secret, and is "…".
func (p *execProvisioner) String() string {
	shown := []string{"exec", p.command[0]}
	for _, word := range p.command[1:] {
		if _, err := os.Stat(word); err != nil && !option.MatchString(word) {
			word = "…"
		}
		shown = append(shown, word)
	}
	return strings.Join(shown, " ")
}

// execRequest is what a process reads on standard input.
type execRequest struct {
	Operation      string           `json:"operation"`
	Scene          *Request         `json:"scene,omitempty"`
	OrganizationID string           `json:"organization_id,omitempty"`
	TrackID        string           `json:"track_id,omitempty"`
	Tracks         []TrackReference `json:"tracks,omitempty"`
	APIKey         string           `json:"api_key,omitempty"`
	UserID         string           `json:"user_id,omitempty"`
}

func (p *execProvisioner) Capabilities(ctx context.Context) ([]Feature, error) {
	m, _, err := p.do(ctx, execRequest{Operation: "capabilities"})
	if err != nil {
		return nil, err
	}
	return m.capabilities()
}

func (p *execProvisioner) CreateScene(ctx context.Context, r Request) (*Scene, error) {
	m, _, err := p.do(ctx, execRequest{Operation: "create_scene", Scene: &r})
	if err != nil {
		return nil, err
	}
	return m.scene()
}

func (p *execProvisioner) History(ctx context.Context, organization, track string) ([]Event, error) {
	m, status, err := p.do(ctx, execRequest{Operation: "history", OrganizationID: organization, TrackID: track})
	if status == http.StatusNotFound {
		return nil, ErrNoHistory
	}
	if err != nil {
		return nil, err
	}
	return m.history()
}

// Histories asks for many histories in one message.
func (p *execProvisioner) Histories(ctx context.Context, tracks []TrackReference) ([][]Event, error) {
	m, _, err := p.do(ctx, execRequest{Operation: "histories", Tracks: tracks})
	if err != nil {
		return nil, err
	}
	return m.histories(len(tracks))
}

// RevokeKey revokes a key.
func (p *execProvisioner) RevokeKey(ctx context.Context, key string) error {
	m, _, err := p.do(ctx, execRequest{Operation: "revoke_key", APIKey: key})
	if err != nil {
		return err
	}
	return m.done()
}

// EndMembership ends a membership.
func (p *execProvisioner) EndMembership(ctx context.Context, organization, user string) error {
	m, _, err := p.do(ctx, execRequest{Operation: "end_membership", OrganizationID: organization, UserID: user})
	if err != nil {
		return err
	}
	return m.done()
}

// do runs the command. The status is that of a response {"error": …, "status": …}, otherwise 0.
func (p *execProvisioner) do(ctx context.Context, r execRequest) (message, int, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return message{}, 0, err
	}
	m := message{provisioner: p.String(), request: string(input)}
	bounded, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	out, err := process.Run(bounded, p.command, append(input, '\n'), maxResponse, maxShown)
	m.response = out.Stdout
	wrong := func(reason string, err error) error {
		e := m.wrong(reason, err)
		if text := strings.TrimSpace(string(out.Stderr)); text != "" {
			e.Response = strings.TrimSpace(e.Response + "\n  standard error: " + m.redact(text))
		}
		return e
	}
	switch {
	case ctx.Err() != nil:
		return m, 0, ctx.Err()
	case bounded.Err() != nil:
		return m, 0, wrong(fmt.Sprintf("not done within its timeout of %s", p.timeout), nil)
	case err != nil:
		return m, 0, wrong("it failed", err)
	case out.Cut:
		return m, 0, m.tooLong()
	}
	var why refusal
	if json.Unmarshal(m.response, &why) == nil && why.Error != "" {
		return m, why.Status, wrong(fmt.Sprintf("it refused with status %d: %s", why.Status, why.Error), nil)
	}
	return m, 0, nil
}
