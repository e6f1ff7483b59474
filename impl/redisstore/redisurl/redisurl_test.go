package redisurl_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

func TestOpenSingle(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ url, network, address, user, password string }{
		{"redis://127.0.0.1", "tcp", "127.0.0.1:6379", "", ""},
		{"redis://me:pw@h:1234/3", "tcp", "h:1234", "me", "pw"},
		{"rediss://h", "tcp", "h:6379", "", ""},
		{"unix://me:pw@/run/redis.sock?db=3", "unix", "/run/redis.sock", "me", "pw"},
	} {
		client, err := redisurl.Open(row.url)
		if err != nil {
			t.Errorf("%s: %v", row.url, err)
			continue
		}
		defer client.Close()
		o := client.(*redis.Client).Options()
		if o.Network != row.network || o.Addr != row.address || o.Username != row.user || o.Password != row.password {
			t.Errorf("%s: got %s %s %s %s", row.url, o.Network, o.Addr, o.Username, o.Password)
		}
		if (o.TLSConfig != nil) != strings.HasPrefix(row.url, "rediss") {
			t.Errorf("%s: TLS %v", row.url, o.TLSConfig)
		}
		// A client library that repeats commands by itself, or waits on after its
		// caller has gone, would break what the store promises.
		if o.MaxRetries > 0 || !o.ContextTimeoutEnabled || o.DialTimeout > time.Second || o.ReadTimeout < 5*time.Second {
			t.Errorf("%s: retries %d, context %t, dial %v, read %v", row.url, o.MaxRetries, o.ContextTimeoutEnabled, o.DialTimeout, o.ReadTimeout)
		}
		if o.Protocol != 2 {
			t.Errorf("%s: protocol %d", row.url, o.Protocol)
		}
	}
	client, err := redisurl.Open("redis://h?read_timeout=7s&pool_size=3&protocol=3")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if o := client.(*redis.Client).Options(); o.ReadTimeout != 7*time.Second || o.PoolSize != 3 || o.Protocol != 3 {
		t.Errorf("parameters are not heeded: %v, %d, %d", o.ReadTimeout, o.PoolSize, o.Protocol)
	}
}

func TestOpenCluster(t *testing.T) {
	t.Parallel()
	client, err := redisurl.Open("rediss+cluster://me:pw@a:1?addr=b:2&addr=c:3")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := client.(*redis.ClusterClient).Options()
	if strings.Join(o.Addrs, " ") != "a:1 b:2 c:3" || o.Username != "me" || o.Password != "pw" || o.TLSConfig == nil {
		t.Errorf("got %v %s %s %v", o.Addrs, o.Username, o.Password, o.TLSConfig)
	}
	if o.Protocol != 2 {
		t.Errorf("protocol %d", o.Protocol)
	}
	if o.ClusterStateReloadInterval > 2*time.Second || o.DialTimeout > time.Second || !o.ContextTimeoutEnabled {
		t.Errorf("a dead master would be asked for long: %v, %v", o.ClusterStateReloadInterval, o.DialTimeout)
	}
}

func TestOpenSentinel(t *testing.T) {
	t.Parallel()
	client, err := redisurl.Open("redis+sentinel://127.0.0.1:1/2?master_name=m&addr=127.0.0.1:2&username=me&password=pw")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := client.(*redis.Client).Options()
	if o.ReadTimeout < 5*time.Second {
		t.Errorf("the master has only %v for a reply", o.ReadTimeout)
	}
	if o.Protocol != 2 {
		t.Errorf("protocol %d", o.Protocol)
	}
	if o.Addr != "FailoverClient" || o.DB != 2 || o.Username != "me" || o.Password != "pw" || o.MaxRetries > 0 {
		t.Errorf("got %s %d %s %s %d", o.Addr, o.DB, o.Username, o.Password, o.MaxRetries)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ url, says string }{
		{"", "redis://127.0.0.1:6379"},
		{"127.0.0.1:6379", "begins with its scheme: write for example redis://127.0.0.1:6379"},
		{"localhost:6379", "begins with its scheme"},
		{":secret@localhost", "begins with its scheme"},
		{"http://h", "unknown scheme"},
		{"redis+ring://h", "unknown scheme"},
		{"unix+cluster:///x", "unknown scheme"},
		{"redis://", "address is missing"},
		{"unix://", "address is missing"},
		{"redis://:secret@h/notanumber", "database"},
		{"redis://:secret@h:port", "not a URL"},
		{"redis://:secret@h?nonsense=1", "nonsense"},
		{"redis://:secret@h?read_timeout=soon", "read_timeout"},
		{"redis+sentinel://:secret@h", "master_name"},
		{"redis+cluster://:secret@h?nonsense=1", "nonsense"},
		{"redis+sentinel://:secret@h?master_name=m&nonsense=1", "nonsense"},
	} {
		client, err := redisurl.Open(row.url)
		if err == nil {
			client.Close()
			t.Errorf("%q was opened", row.url)
			continue
		}
		if !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v; want something about %s, and no password", row.url, err, row.says)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ url, want string }{
		{"redis://h:1/2", "redis://h:1/2"},
		{"redis://me:secret@h:1", "redis://me:xxxxx@h:1"},
		{"redis://h/0#secret", "redis://h/0#xxxxx"},
		{"redis+sentinel://:secret@h?master_name=m&password=secret", "redis+sentinel://:xxxxx@h?master_name=m&password=xxxxx"},
		{"redis://:secret@h:port", "(not a URL)"},
	} {
		if got := redisurl.Redact(row.url); got != row.want {
			t.Errorf("%s: got %s, want %s", row.url, got, row.want)
		}
	}
}

// TestOpenUnixSocket goes all the way to a Redis on a socket.
func TestOpenUnixSocket(t *testing.T) {
	t.Parallel()
	socket := t.TempDir() + "/s"
	redistest.Own(t, "--unixsocket", socket)
	client, err := redisurl.Open("unix://" + socket)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}
