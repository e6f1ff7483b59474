// Package redisurl makes a client of the URL of a Redis, with waits that are
// bounded, and says of such a URL what may be shown.
package redisurl

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Bounds that a URL may change by its parameters dial_timeout, read_timeout,
// write_timeout, pool_timeout, pool_size, pipeline_pool_size and protocol.
const (
	defaultDialTimeout = time.Second
	// defaultIOTimeout is for what nobody waits for. Requests have less time, and
	// the store sees to it: it sends what takes long once more, on another
	// connection, while the first may still be answered.
	defaultIOTimeout   = 10 * time.Second
	defaultPoolTimeout = 300 * time.Millisecond
	// defaultPoolSize is more connections than the store has pipelines on their
	// way, also where all of them are overdue: nothing waits for a connection.
	defaultPoolSize = 32
	// defaultProtocol is the older one, which says all that is needed here. With the
	// newer one a server may send what nobody asked for, and the client looks for it
	// before each reply.
	defaultProtocol = 2
	// sentinelTimeout is for asking a sentinel for the master, a part of dialing
	// the master. With a sentinel that hangs there must be time to ask the next.
	sentinelTimeout = defaultDialTimeout / 2
	// clusterReload is how often the layout of a cluster is read again. It
	// bounds how long a dead master is asked: nothing else makes the client
	// look.
	clusterReload = time.Second
	// clusterLook is how long a node may take to tell the layout before another
	// one is asked: meanwhile no change of it is noticed.
	clusterLook = 2 * time.Second
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
		o.Protocol = cmp.Or(o.Protocol, defaultProtocol)
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		o.MaintNotificationsConfig = noNotifications()
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, &o.PoolSize, &o.PipelinePoolSize)
		client := redis.NewClient(o)
		client.AddHook(everyDial{})
		return client, nil
	case "cluster":
		o, err := redis.ParseClusterURL(plain.String())
		if err != nil {
			return nil, errors.New(urlReason(err))
		}
		o.DialerRetries = 1
		o.Protocol = cmp.Or(o.Protocol, defaultProtocol)
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		o.MaintNotificationsConfig = noNotifications()
		o.ClusterStateReloadInterval = clusterReload
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, &o.PoolSize, &o.PipelinePoolSize)
		client := redis.NewClusterClient(o)
		client.OnNewNode(func(node *redis.Client) {
			node.AddHook(everyDial{})
			node.AddHook(quickLook{})
		})
		return client, nil
	case "sentinel":
		if u.Query().Get("master_name") == "" {
			return nil, errors.New("a sentinel URL needs the parameter master_name")
		}
		o, err := redis.ParseFailoverURL(plain.String())
		if err != nil {
			return nil, errors.New(urlReason(err))
		}
		o.MaxRetries, o.DialerRetries = -1, 1
		o.Protocol = cmp.Or(o.Protocol, defaultProtocol)
		o.ContextTimeoutEnabled, o.DisableIdentity = true, true
		timeout := cmp.Or(o.ReadTimeout, defaultIOTimeout)
		o.DialTimeout = cmp.Or(o.DialTimeout, 2*sentinelTimeout+defaultDialTimeout)
		o.ReadTimeout = cmp.Or(o.ReadTimeout, sentinelTimeout)
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, &o.PoolSize, &o.PipelinePoolSize)
		client := redis.NewFailoverClient(o)
		client.AddHook(everyDial{})
		return client.WithTimeout(timeout), nil // on the same connections: closing it closes all
	default:
		return nil, fmt.Errorf("unknown scheme %q: use redis+cluster:// or redis+sentinel://", u.Scheme)
	}
}

// bound sets what the URL leaves open.
func bound(dial, read, write, pool *time.Duration, size, pipelineSize *int) {
	*dial = cmp.Or(*dial, defaultDialTimeout)
	*read = cmp.Or(*read, defaultIOTimeout)
	*write = cmp.Or(*write, defaultIOTimeout)
	*pool = cmp.Or(*pool, defaultPoolTimeout)
	*size = cmp.Or(*size, defaultPoolSize)
	*pipelineSize = cmp.Or(*pipelineSize, defaultPoolSize)
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
