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
	"strings"
	"time"
)

// DefaultTimeout is how long a provisioner may take for one response.
const DefaultTimeout = 30 * time.Second

// messagesAtOnce is how many messages a provisioner gets at once. Small servers let few connections wait.
const messagesAtOnce = 4

// httpProvisioner speaks the protocol's HTTP transport.
type httpProvisioner struct {
	base    string
	client  *http.Client
	timeout time.Duration
	room    chan struct{} // holds one for each message under way
}

// HTTP talks to a provisioner over HTTP. The base is what stands in front of /capabilities; timeout is for
// each response, DefaultProvisionTimeout where it is 0; tlsConfig may be nil.
func HTTP(base string, timeout time.Duration, tlsConfig *tls.Config) (Provisioner, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is not an http or https URL: give what stands in front of /capabilities, such as http://127.0.0.1:8081", base)
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &httpProvisioner{
		base: strings.TrimRight(base, "/"),
		client: &http.Client{
			// A connection of its own for each message: a provisioner may serve one at a time.
			Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: tlsConfig, Proxy: http.ProxyFromEnvironment},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
		timeout: timeout,
		room:    make(chan struct{}, messagesAtOnce),
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

// do sends a message and reads the response, which is to have the status. The status is returned with an error too.
func (p *httpProvisioner) do(ctx context.Context, method, path string, body []byte, want int) (message, int, error) {
	m := message{provisioner: p.String(), request: strings.TrimSpace(method + " " + path + " " + string(body))}
	select {
	case p.room <- struct{}{}:
		defer func() { <-p.room }()
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
		m.answer, err = io.ReadAll(io.LimitReader(response.Body, maxProvisioning+1))
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
	case len(m.answer) > maxProvisioning:
		return m, response.StatusCode, m.wrong(fmt.Sprintf("its response is longer than %d MiB", maxProvisioning>>20), nil)
	case response.StatusCode != want && response.StatusCode != http.StatusOK:
		var why refusal
		json.Unmarshal(m.answer, &why) // the response is shown whatever it is
		reason := "it answered " + response.Status
		if why.Error != "" {
			reason += ": " + why.Error
		}
		return m, response.StatusCode, m.wrong(reason, nil)
	}
	return m, response.StatusCode, nil
}
