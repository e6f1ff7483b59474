// Package redisurl makes a client of the URL of a Redis, with waits that are
// bounded, and says of such a URL what may be shown.
package redisurl

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Bounds that a URL may change by its parameters dial_timeout, read_timeout,
// write_timeout and pool_timeout. They are short: a request that waits for
// Redis holds its caller up.
const (
	defaultDialTimeout = 500 * time.Millisecond
	defaultIOTimeout   = 500 * time.Millisecond
	defaultPoolTimeout = 300 * time.Millisecond
	// clusterReload is how often the layout of a cluster is read again. It
	// bounds how long a dead master is asked: nothing else makes the client
	// look.
	clusterReload = time.Second
)

// Open returns a client for a URL. It does not connect yet.
//
//	redis://[user:password@]host:port[/db]       one server; rediss:// with TLS
//	unix://[user:password@]/path[?db=0]          one server on a Unix socket
//	redis+cluster://[user:password@]host:port[?addr=host:port…]
//	redis+sentinel://[user:password@]host:port[/db]?master_name=NAME
//	    [&addr=host:port…][&username=…&password=…]
//
// The last two also with rediss+…, and with any number of addr for further
// nodes. The host of a sentinel URL is a sentinel, and so are its user and
// password; those of the master are the parameters username and password.
// Other parameters are go-redis's, such as pool_size or read_timeout. Errors do
// not repeat the URL, which may hold a password.
func Open(rawURL string) (redis.UniversalClient, error) {
	return open(rawURL, defaultIOTimeout)
}

// OpenPatient is [Open] for commands that nobody waits for: unless the URL
// says otherwise, Redis may take ten seconds for an answer.
func OpenPatient(rawURL string) (redis.UniversalClient, error) {
	return open(rawURL, 10*time.Second)
}

func open(rawURL string, ioTimeout time.Duration) (redis.UniversalClient, error) {
	if !strings.Contains(rawURL, "://") {
		return nil, errors.New("a URL begins with its scheme: write for example redis://127.0.0.1:6379")
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("not a URL: " + urlReason(err))
	}
	transport, topology, _ := strings.Cut(u.Scheme, "+")
	plain := *u
	plain.Scheme = transport
	if transport != "redis" && transport != "rediss" && (transport != "unix" || topology != "") {
		return nil, fmt.Errorf("unknown scheme %q: use redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://", u.Scheme)
	}
	if transport == "unix" && u.Path == "" || transport != "unix" && u.Host == "" {
		return nil, errors.New("the address is missing: write for example redis://127.0.0.1:6379")
	}
	switch topology {
	case "":
		o, err := redis.ParseURL(plain.String())
		if err != nil {
			return nil, errors.New(urlReason(err))
		}
		o.MaxRetries, o.DialerRetries = -1, 1
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		o.MaintNotificationsConfig = noNotifications()
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, ioTimeout)
		return redis.NewClient(o), nil
	case "cluster":
		o, err := redis.ParseClusterURL(plain.String())
		if err != nil {
			return nil, errors.New(urlReason(err))
		}
		o.DialerRetries = 1
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		o.MaintNotificationsConfig = noNotifications()
		o.ClusterStateReloadInterval = clusterReload
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, ioTimeout)
		return redis.NewClusterClient(o), nil
	case "sentinel":
		if u.Query().Get("master_name") == "" {
			return nil, errors.New("a sentinel URL needs the parameter master_name")
		}
		o, err := redis.ParseFailoverURL(plain.String())
		if err != nil {
			return nil, errors.New(urlReason(err))
		}
		o.MaxRetries, o.DialerRetries = -1, 1
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, ioTimeout)
		return redis.NewFailoverClient(o), nil
	default:
		return nil, fmt.Errorf("unknown scheme %q: use redis+cluster:// or redis+sentinel://", u.Scheme)
	}
}

func bound(dial, read, write, pool *time.Duration, io time.Duration) {
	for _, b := range []struct {
		value *time.Duration
		def   time.Duration
	}{{dial, defaultDialTimeout}, {read, io}, {write, io}, {pool, defaultPoolTimeout}} {
		if *b.value == 0 {
			*b.value = b.def
		}
	}
}

// noNotifications keeps the client from asking servers for something that
// older ones answer with an error.
func noNotifications() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// Redact returns the URL without its passwords, to be shown to people.
func Redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(not a URL)"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	if u.Fragment != "" { // such as what follows a # in a password
		u.Fragment, u.RawFragment = "xxxxx", ""
	}
	return u.Redacted()
}

// urlReason is what an error says without the URL that url.Error repeats.
func urlReason(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return strings.TrimPrefix(err.Error(), "redis: ")
}
