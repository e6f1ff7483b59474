package container

import (
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

// The ports that an implementation listens on unless it is said otherwise.
const (
	DefaultPort            = 8080
	DefaultProvisionerPort = 8081
)

// DefaultStartupTimeout is how long an implementation may take from the start of its container to its first response.
const DefaultStartupTimeout = 30 * time.Second

// RedisURL is where the implementation finds the Redis of [WithRedis], to be handed to it in whatever variable or argument
// it reads.
const RedisURL = "redis://redis:6379/0"

// Option changes how [Start] runs an image.
type Option func(*options)

type options struct {
	port            int
	provisionerPort int
	command         []string
	environment     map[string]string
	redisImage      string
	startupTimeout  time.Duration
	log             io.Writer
	suite           []conformance.Option
}

func newOptions(given []Option) options {
	o := options{
		port:            DefaultPort,
		provisionerPort: DefaultProvisionerPort,
		environment:     map[string]string{},
		startupTimeout:  DefaultStartupTimeout,
		log:             io.Discard,
	}
	for _, option := range given {
		option(&o)
	}
	return o
}

// WithPort tells the container's TCP port of the API. Default: [DefaultPort].
func WithPort(port int) Option { return func(o *options) { o.port = port } }

// WithProvisioner tells the container's TCP port of the provisioner, which must listen on all of the container's addresses
// to be reached. Default: [DefaultProvisionerPort].
func WithProvisioner(port int) Option { return func(o *options) { o.provisionerPort = port } }

// WithoutProvisioner is for an implementation that is provisioned by other means: its [Implementation.Provision] is empty.
func WithoutProvisioner() Option { return func(o *options) { o.provisionerPort = 0 } }

// WithCommand replaces the image's command; its entry point stays. Default: the image's own.
func WithCommand(arguments ...string) Option { return func(o *options) { o.command = arguments } }

// WithEnv sets an environment variable of the implementation. The last value given for a name counts.
func WithEnv(name, value string) Option { return func(o *options) { o.environment[name] = value } }

// WithRedis starts a Redis of that image beside the implementation, reached by it at [RedisURL], empty and published
// nowhere. The image needs redis-server on its path, as the official ones have. Default: none.
func WithRedis(image string) Option { return func(o *options) { o.redisImage = image } }

// WithStartupTimeout changes how long the implementation, and its Redis, may take to answer once their containers run.
// Pulling an image does not count. Default: [DefaultStartupTimeout].
func WithStartupTimeout(limit time.Duration) Option {
	return func(o *options) { o.startupTimeout = limit }
}

// WithLog writes the engine's progress (pulling, creating, starting) to w. Default: nowhere. Which engine was found
// testcontainers-go tells once on standard error in any case.
func WithLog(w io.Writer) Option { return func(o *options) { o.log = w } }

// WithSuite gives options to the suite that [Run] runs, such as [conformance.WithProfile]. [Start] has no use for them.
func WithSuite(suite ...conformance.Option) Option {
	return func(o *options) { o.suite = append(o.suite, suite...) }
}
