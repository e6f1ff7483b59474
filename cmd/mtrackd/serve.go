package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/build"
	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/admin"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/cors"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/heap"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/listener"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/private"
	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/provision"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/health"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/signedurl"
)

// serveAbout is the help of serve.
const serveAbout = `Serve the API. With --redis the tracks are kept in Redis, which any number of servers may share.
Without it they are kept in this process, and are gone when it ends.

After SIGINT or SIGTERM /readyz says no, and for the shutdown delay requests are still taken, until
those who send them have noticed. Then the server takes no new ones, finishes those in progress, and
exits. A second signal ends it at once.
Exit status: 0 if all of them finished, 1 if the server could not start or cut requests off, 2 for
a wrong flag.

Examples:
  mtrackd serve --demo
        try it: prints requests to paste
  MTRACK_REDIS=redis://:secret@10.0.0.5:6379/0 mtrackd serve \
      --admin-listen 127.0.0.1:9090 --log-format json
        in production: with probes and metrics, and the password in a variable, which other users
        of the machine cannot see
  mtrackd serve --listen 127.0.0.1:8080 --provision-listen 127.0.0.1:8081
        as the target of mtrack-conformance run \
            --target http://127.0.0.1:8080 --provision http://127.0.0.1:8081`

// serveConfig is what the flags of serve say.
type serveConfig struct {
	listen, redis                  string
	provisionListen                string
	provisionAllowRemote           bool
	adminListen                    string
	demo                           bool
	logFormat, logLevel            string
	mediaURL, mediaSecret          string
	mediaLifetime                  time.Duration
	requestTimeout, shutdownPeriod time.Duration
	replicas                       int
	requireDurable                 bool
	shutdownDelay                  time.Duration
	maxConnections                 int // 0: as many as fit
	allowHosts, corsOrigins        command.List
	waitForRedis                   time.Duration
}

// defineServeFlags binds the flags to c.
func defineServeFlags(f *command.FlagSet, c *serveConfig) {
	f.StringVar(&c.listen, "listen", ":8080", "`ADDR` of the API")
	f.StringVar(&c.redis, "redis", "", "`URL` of Redis: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS,\nunix:///PATH, redis+cluster:// or redis+sentinel://; default: in-memory, nothing is kept")
	f.IntVar(&c.replicas, "replicas", 0, "`N` replicas of Redis must confirm a delete, and the removal of a saved track, before the\n"+
		"response; where they do not in time it is a 503 that says that the outcome is unknown;\ndefault: none is asked, and a failover may undo what was acknowledged")
	f.BoolVar(&c.requireDurable, "require-durable", false, "do not start with a Redis that is set up to lose what it acknowledged; without this flag the\n"+
		"log and the metrics say so")
	waitFlag(f, &c.waitForRedis)
	f.StringVar(&c.adminListen, "admin-listen", "", "`ADDR` of /healthz, /readyz and /metrics; default: off")
	f.BoolVar(&c.demo, "demo", false, "create demo data, new at each start, and print requests to try on it")
	f.StringVar(&c.provisionListen, "provision-listen", "", "`ADDR` of the provisioner, for the conformance suite; it asks for no key; default: off")
	f.BoolVar(&c.provisionAllowRemote, "provision-allow-remote", false, "let other machines reach the provisioner")
	f.StringVar(&c.mediaURL, "media-url", impl.DefaultMediaURL, "`URL` that playback and stem URLs begin with")
	f.StringVar(&c.mediaSecret, "media-secret", "", "`SECRET` that signs playback and stem URLs, at least 16 bytes, the same for all servers and\n"+
		"for the media host; better in the variable, since other users of the machine can read\nflags; default: a random one for this process")
	f.DurationVar(&c.mediaLifetime, "media-lifetime", impl.DefaultMediaLifetime, "`TIME` for which playback and stem URLs stay valid")
	f.DurationVar(&c.requestTimeout, "request-timeout", impl.DefaultRequestTimeout, "`TIME` after which a request gets a 503 if the store has not responded")
	f.DurationVar(&c.shutdownPeriod, "shutdown-timeout", 10*time.Second, "`TIME` that requests in progress may still take when the server is told to end")
	f.DurationVar(&c.shutdownDelay, "shutdown-delay", 5*time.Second, "`TIME` for which requests are still taken when the server is told to end, while /readyz\nsays no and each response closes its connection; without --admin-listen only if given")
	f.IntVar(&c.maxConnections, "max-connections", 0, "`N` connections of callers are open at once, and further ones wait; default: what the limit of\nopen files leaves beside Redis and the other listeners, up to 16384")
	f.Var(&c.allowHosts, "allow-host", "`NAME` by which the provisioner and the admin listener may be called, besides addresses,\nlocalhost, one-word names, and those under .internal, .local, .localhost and .test;\nrepeatable")
	f.Var(&c.corsOrigins, "cors-origin", "`ORIGIN` whose web pages may call the API, such as https://app.example.com; repeatable;\ndefault: none")
	f.StringVar(&c.logFormat, "log-format", logText, "`FORMAT` of the log on standard error: text or json")
	f.StringVar(&c.logLevel, "log-level", "info", "lowest `LEVEL` that is logged: debug, info, warn or error")
}

// leastHeap is how much memory is taken before any is collected: little beside what
// a thousand connections take, and eight times what is in use with a few.
const leastHeap = 32 << 20

// serveCommand serves until the context ends.
func serveCommand() command.Command {
	return command.Command{
		Name: "serve", Summary: "serve the API", About: serveAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			var c serveConfig
			defineServeFlags(flags, &c)
			return func(ctx context.Context, env command.Environment, _ []string) (err error) {
				logger, lines, err := newLogger(env.Stderr, c.logFormat, c.logLevel)
				if err != nil {
					return command.Misused("%v", err)
				}
				defer func() { err = endLog(lines, err) }()
				heap.AtLeast(leastHeap)
				defer context.AfterFunc(ctx, func() { lines.Direct() })() // a second signal ends the process at once
				signer, err := c.check()
				if err != nil {
					return command.Misused("%v", err)
				}
				var client redis.UniversalClient
				if c.redis != "" {
					if client, err = redisurl.Open(c.redis); err != nil {
						return command.Misused("--redis: %v", err)
					}
				}
				if c.adminListen == "" && !flags.Given("shutdown-delay") {
					c.shutdownDelay = 0 // nobody sees that it is not ready
				}
				return withHint(serve(ctx, env, c, client, signer, logger))
			}
		},
	}
}

// check refuses what cannot work, by the flag's name, and returns the signer
// of media URLs.
func (c *serveConfig) check() (*signedurl.Signer, error) {
	if c.listen == "" {
		return nil, errors.New("--listen: want an address, such as :8080 or 127.0.0.1:0")
	}
	for _, given := range [][2]string{
		{"--listen", c.listen}, {"--provision-listen", c.provisionListen}, {"--admin-listen", c.adminListen},
	} {
		if flag, address := given[0], given[1]; address != "" && !listener.IsAddress(address) {
			return nil, fmt.Errorf("%s: %q is not an address: want HOST:PORT, such as 127.0.0.1:8080, or :8080 for all interfaces", flag, address)
		}
	}
	if c.requestTimeout <= 0 {
		return nil, errors.New("--request-timeout: want more than nothing")
	}
	if err := checkWait(c.waitForRedis); err != nil {
		return nil, err
	}
	if c.shutdownPeriod < 0 {
		return nil, errors.New("--shutdown-timeout: want nothing or more")
	}
	if c.replicas < 0 {
		return nil, errors.New("--replicas: want nothing or more")
	}
	if c.redis == "" && (c.replicas > 0 || c.requireDurable) {
		return nil, errors.New("--replicas, --require-durable: they need --redis: the in-memory store has no replicas and keeps nothing")
	}
	if c.shutdownDelay < 0 {
		return nil, errors.New("--shutdown-delay: want nothing or more")
	}
	if c.maxConnections < 0 {
		return nil, errors.New("--max-connections: want at least 1, or 0 for as many as fit")
	}
	if err := parseAll("--allow-host", c.allowHosts.Values, private.ParseHost); err != nil {
		return nil, err
	}
	if err := parseAll("--cors-origin", c.corsOrigins.Values, cors.ParseOrigin); err != nil {
		return nil, err
	}
	if c.provisionListen != "" && !c.provisionAllowRemote && !listener.IsLoopback(c.provisionListen) {
		return nil, fmt.Errorf("--provision-listen: %s can be reached from other machines, and the provisioner asks for no key; "+
			"listen on 127.0.0.1, or add --provision-allow-remote in a closed test network", c.provisionListen)
	}
	secret := []byte(c.mediaSecret)
	if len(secret) == 0 {
		secret = signedurl.RandomSecret()
	}
	signer, err := signedurl.New(c.mediaURL, secret, c.mediaLifetime, time.Now)
	if err != nil {
		return nil, fmt.Errorf("--media-url, --media-secret, --media-lifetime: %w", err)
	}
	return signer, nil
}

// parseAll puts each value of a repeated flag into the form that parse gives
// it.
func parseAll(flag string, values []string, parse func(string) (string, error)) error {
	for i, value := range values {
		parsed, err := parse(value)
		if err != nil {
			return fmt.Errorf("%s: %q: %w", flag, value, err)
		}
		values[i] = parsed
	}
	return nil
}

// connections returns how many connections callers may have, and warns where
// there are too few descriptors for that.
func (c *serveConfig) connections(reserve int, logger *slog.Logger) int {
	reserve += adminConnections
	if c.provisionListen != "" {
		reserve += provisionConnections
	}
	most := c.maxConnections
	if most == 0 {
		most = listener.Capacity(reserve)
	}
	if !listener.Fits(most, reserve) {
		logger.Warn("callers can take the file descriptors that Redis and the other listeners need: raise the limit of open files, or set --max-connections lower",
			"connections", most, "reserve", reserve)
	}
	return most
}

// How many connections the listeners have that are not for callers.
const (
	adminConnections     = 64
	provisionConnections = 128
)

// serve opens the store and the listeners, and serves until the context ends.
// Client is nil for the embedded store; serve closes it.
func serve(ctx context.Context, env command.Environment, c serveConfig, client redis.UniversalClient, signer *signedurl.Signer, logger *slog.Logger) (err error) {
	store, err := c.openStorage(ctx, client, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.close()) }()
	counts := newMetrics(build.Read())
	counts.watchPool(store.pool)
	ready := store.Ping
	if client != nil {
		watch := admin.NewWatch(client, c.replicas, logger)
		if err := watch.Look(ctx); err != nil && c.requireDurable {
			return fmt.Errorf("--require-durable: %w", err)
		}
		counts.registry.MustRegister(watch.Collector())
		defer watch.Start(admin.WatchEvery)()
		ready = health.NewProbe(client, health.WithReplicas(c.replicas)).Ready
	}

	api := impl.New(store, impl.WithLogger(logger), impl.WithObserver(counts.observe), impl.WithMedia(signer),
		impl.WithRequestTimeout(c.requestTimeout))
	var draining atomic.Bool
	takesRequests := func(ctx context.Context) error {
		if draining.Load() {
			return errors.New("shutting down")
		}
		return ready(ctx)
	}
	counts.registry.MustRegister(admin.ReadyMetric(takesRequests))
	probes := admin.New(counts.handler(), takesRequests)
	listeners, err := listener.Open(logger,
		listener.Spec{Name: apiListener, Flag: "listen", Address: c.listen, Handler: cors.Handler(api, c.corsOrigins.Values), Heedless: true,
			Work: c.requestTimeout, Connections: c.connections(store.connections, logger)},
		listener.Spec{Name: "provisioner", Flag: "provision-listen", Address: c.provisionListen,
			Handler: private.Handler(provision.New(store, logger, time.Now), c.allowHosts.Values...),
			Work:    provision.Timeout, Connections: provisionConnections},
		listener.Spec{Name: "admin", Flag: "admin-listen", Address: c.adminListen,
			Handler: private.Handler(private.WithoutBody(probes), c.allowHosts.Values...),
			Work:    admin.ReadyTimeout, Connections: adminConnections},
	)
	if err != nil {
		return err
	}
	counts.watchConnections(listeners)
	if c.provisionListen != "" {
		logger.Warn("the provisioner asks for no key: anyone who can reach it can create data and read histories")
	}
	if c.demo {
		if err := c.showDemo(ctx, env, store, listeners.URL(apiListener)); err != nil {
			listeners.Close()
			return err
		}
	}
	return listeners.Serve(ctx, listener.Ending{Delay: c.shutdownDelay, Grace: c.shutdownPeriod}, func() { draining.Store(true) })
}

// apiListener is the name of the listener of the API.
const apiListener = "API"

// showDemo stores the demo's world and prints what to try on it.
func (c *serveConfig) showDemo(ctx context.Context, env command.Environment, registry record.Registry, url string) error {
	d, err := newDemo(time.Now().UTC())
	if err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	if err := registry.Apply(ctx, d.records); err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	d.print(env.Stdout, url)
	return nil
}
