package container

import (
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

// The ports that an implementation listens on by default.
const (
	DefaultPort            = 8080
	DefaultProvisionerPort = 8081
)

// DefaultStartupTimeout is how long an implementation may take from the start of its container to
// its first response.
const DefaultStartupTimeout = 30 * time.Second

// RedisURL is where the implementation finds the Redis of [WithRedis]. Pass it on in the variable
// or argument that the implementation reads.
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

// WithPort sets the TCP port of the API in the container. The default is [DefaultPort].
func WithPort(port int) Option { return func(o *options) { o.port = port } }

// WithProvisioner sets the TCP port of the provisioner in the container. It has to listen on all
// addresses of the container. The default is [DefaultProvisionerPort].
func WithProvisioner(port int) Option { return func(o *options) { o.provisionerPort = port } }

// WithoutProvisioner is for an implementation that is provisioned in another way:
// [Implementation.Provision] is empty.
func WithoutProvisioner() Option { return func(o *options) { o.provisionerPort = 0 } }

// WithCommand replaces the command of the image, but not its entry point.
func WithCommand(arguments ...string) Option { return func(o *options) { o.command = arguments } }

// WithEnv sets an environment variable of the implementation. The last value for a name counts.
func WithEnv(name, value string) Option { return func(o *options) { o.environment[name] = value } }

// WithRedis starts a Redis of that image beside the implementation, at [RedisURL] for it and
// unpublished. The image needs redis-server on its path, as the official ones have it. By default
// there is none.
func WithRedis(image string) Option { return func(o *options) { o.redisImage = image } }

// WithStartupTimeout sets how long the implementation, and its Redis, may take to respond once
// their containers run. Pulling an image does not count. The default is [DefaultStartupTimeout].
func WithStartupTimeout(limit time.Duration) Option {
	return func(o *options) { o.startupTimeout = limit }
}

// WithLog writes the progress of the engine (pulling, creating, starting) to w. By default it is
// discarded. testcontainers-go itself writes once to standard error which engine it found.
func WithLog(w io.Writer) Option { return func(o *options) { o.log = w } }

// WithSuite adds options of the suite, such as [conformance.WithProfile], for [Run]. [Start]
// ignores them.
func WithSuite(suite ...conformance.Option) Option {
	return func(o *options) { o.suite = append(o.suite, suite...) }
}
