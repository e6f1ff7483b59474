package provision

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// messagesAtOnce is how many requests a provisioner gets at once: the backlog of a small server is
// short.
const messagesAtOnce = 4

// httpProvisioner speaks the protocol's HTTP transport.
type httpProvisioner struct {
	base    string
	client  *http.Client
	timeout time.Duration
	slots   chan struct{} // holds one element for each request under way
}

// HTTP returns a provisioner that speaks the protocol over HTTP. The base is the URL in front of
// /capabilities, /scenes and /history. A timeout of 0 means [DefaultTimeout]; it is for each
// response. The TLS configuration, for https, may be nil. HTTP sends nothing yet.
func HTTP(base string, timeout time.Duration, tlsConfig *tls.Config) (Provisioner, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
		u.RawQuery != "" || u.Fragment != "" {
		shown := "what was given" // it may hold a password
		if err == nil && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
			shown = strconv.Quote(base)
		}
		return nil, fmt.Errorf("%s is not an http or https URL without a query: "+
			"give what stands in front of /capabilities, such as http://127.0.0.1:8081", shown)
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &httpProvisioner{
		base: strings.TrimRight(base, "/"),
		client: &http.Client{
			Transport: &http.Transport{
				DisableKeepAlives: true, // a provisioner may serve one connection at a time
				TLSClientConfig:   tlsConfig,
				Proxy:             http.ProxyFromEnvironment,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
		timeout: timeout,
		slots:   make(chan struct{}, messagesAtOnce),
	}, nil
}

func (p *httpProvisioner) String() string {
	u, err := url.Parse(p.base)
	if err != nil {
		return "HTTP"
	}
	return u.Redacted()
}

func (p *httpProvisioner) Capabilities(ctx context.Context) ([]Feature, error) {
	m, _, err := p.do(ctx, http.MethodGet, "/capabilities", nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return m.capabilities()
}

func (p *httpProvisioner) CreateScene(ctx context.Context, r Request) (*Scene, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	m, _, err := p.do(ctx, http.MethodPost, "/scenes", body, http.StatusCreated)
	if err != nil {
		return nil, err
	}
	return m.scene()
}

func (p *httpProvisioner) History(ctx context.Context, organization, track string) ([]Event, error) {
	query := url.Values{"organization_id": {organization}, "track_id": {track}}
	m, status, err := p.do(ctx, http.MethodGet, "/history?"+query.Encode(), nil, http.StatusOK)
	if status == http.StatusNotFound {
		return nil, ErrNoHistory
	}
	if err != nil {
		return nil, err
	}
	return m.history()
}

// Histories asks for many histories in one message.
func (p *httpProvisioner) Histories(ctx context.Context, tracks []TrackReference) ([][]Event, error) {
	m, err := p.post(ctx, "/histories", historiesRequest{tracks})
	if err != nil {
		return nil, err
	}
	return m.histories(len(tracks))
}

// RevokeKey revokes a key.
func (p *httpProvisioner) RevokeKey(ctx context.Context, key string) error {
	m, err := p.post(ctx, "/revocations", revocation{key})
	if err != nil {
		return err
	}
	return m.done()
}

// EndMembership ends a membership.
func (p *httpProvisioner) EndMembership(ctx context.Context, organization, user string) error {
	m, err := p.post(ctx, "/departures", departure{organization, user})
	if err != nil {
		return err
	}
	return m.done()
}

// post sends a message of an optional part.
func (p *httpProvisioner) post(ctx context.Context, path string, request any) (message, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return message{}, err
	}
	m, _, err := p.do(ctx, http.MethodPost, path, body, http.StatusOK)
	return m, err
}

// do sends a request and reads the response, whose status has to be want, or 200. The status is
// returned with an error too.
func (p *httpProvisioner) do(
	ctx context.Context, method, path string, body []byte, want int,
) (message, int, error) {
	m := message{provisioner: p.String(), request: strings.TrimSpace(method + " " + path + " " + string(body))}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return m, 0, ctx.Err()
	}
	bounded, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return m, 0, m.wrong("the request cannot be made", err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := p.client.Do(request)
	if err == nil {
		defer response.Body.Close()
		m.response, err = io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	}
	switch {
	case ctx.Err() != nil:
		return m, 0, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return m, 0, m.wrong(fmt.Sprintf("no complete response within its timeout of %s", p.timeout), nil)
	case err != nil:
		var failed *url.Error // it would repeat the URL
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return m, 0, m.wrong("no response: is it running?", err)
	case len(m.response) > maxResponse:
		return m, response.StatusCode, m.tooLong()
	case response.StatusCode != want && response.StatusCode != http.StatusOK:
		var why refusal
		json.Unmarshal(m.response, &why) // the error quotes the response, whatever it is
		reason := "it responded " + response.Status
		if why.Error != "" {
			reason += ": " + why.Error
		}
		return m, response.StatusCode, m.wrong(reason, nil)
	}
	return m, response.StatusCode, nil
}
