package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	tcnetwork "github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"
)

// redisAlias is Redis's name on the network; RedisURL holds it.
const redisAlias = "redis"

// terminationTimeout is how long the clean-up may take. It happens even if the caller's context has
// ended.
const terminationTimeout = 30 * time.Second

// Implementation is a running implementation. Several goroutines may call its methods at once.
type Implementation struct {
	target    string
	provision string

	server  *testcontainers.DockerContainer
	redis   *testcontainers.DockerContainer // nil without WithRedis
	network *testcontainers.DockerNetwork

	terminate sync.Once
	ended     error
}

// Start runs the image until [Implementation.Terminate], and returns when it responds: the API to
// any request with any status, the provisioner to GET /capabilities with 200. It pulls an image
// that is not on this machine.
//
// The error is an [*EngineError], a [*StartError] or one about the options. Nothing is left running
// then.
func Start(ctx context.Context, image string, opts ...Option) (*Implementation, error) {
	o := newOptions(opts)
	provider, err := connect(ctx, o.log)
	if err != nil {
		return nil, err
	}
	defer provider.Close()

	i := &Implementation{}
	if err := i.start(ctx, provider, image, o); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), terminationTimeout)
		defer cancel()
		return nil, errors.Join(err, i.Terminate(ctx))
	}
	return i, nil
}

// start sets the fields step by step, so that Terminate finds what there is if a step fails.
func (i *Implementation) start(
	ctx context.Context, provider *testcontainers.DockerProvider, image string, o options,
) error {
	var err error
	if i.network, err = tcnetwork.New(ctx); err != nil {
		return &StartError{Image: image, Err: fmt.Errorf("network: %w", err)}
	}
	if o.redisImage != "" {
		i.redis, err = testcontainers.Run(ctx, o.redisImage,
			testcontainers.WithLogger(newLogger(o.log)),
			tcnetwork.WithNetwork([]string{redisAlias}, i.network),
			// Protected mode would refuse the implementation, which has another address and no
			// password. The append-only file lets the data survive StopRedis.
			testcontainers.WithCmd("redis-server",
				"--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--appendonly", "yes"),
			testcontainers.WithWaitStrategyAndDeadline(o.startupTimeout,
				wait.ForLog("Ready to accept connections").WithPollInterval(50*time.Millisecond)),
		)
		if err != nil {
			return startError(ctx, i.redis, o.redisImage, err)
		}
	}

	ports := []int{o.port}
	ready := []wait.Strategy{
		wait.ForHTTP("/").WithPort(tcp(o.port)).WithPollInterval(50 * time.Millisecond).
			WithStatusCodeMatcher(func(int) bool { return true }),
	}
	if o.provisionerPort != 0 {
		ports = append(ports, o.provisionerPort)
		ready = append(ready, wait.ForHTTP("/capabilities").WithPort(tcp(o.provisionerPort)).
			WithPollInterval(50*time.Millisecond).
			WithStatusCodeMatcher(func(status int) bool { return status == http.StatusOK }))
	}
	host, err := provider.DaemonHost(ctx)
	if err != nil {
		return &EngineError{Err: err}
	}
	published, err := bindings(host, ports)
	if err != nil {
		return err
	}
	exposed := make([]string, len(ports))
	for n, port := range ports {
		exposed[n] = tcp(port)
	}
	server := []testcontainers.ContainerCustomizer{
		testcontainers.WithLogger(newLogger(o.log)),
		tcnetwork.WithNetwork([]string{"implementation"}, i.network),
		testcontainers.WithEnv(o.environment),
		testcontainers.WithExposedPorts(exposed...),
		testcontainers.WithHostConfigModifier(func(config *container.HostConfig) { config.PortBindings = published }),
		testcontainers.WithWaitStrategyAndDeadline(o.startupTimeout, ready...),
	}
	if len(o.command) > 0 {
		server = append(server, testcontainers.WithCmd(o.command...))
	}
	if i.server, err = testcontainers.Run(ctx, image, server...); err != nil {
		return startError(ctx, i.server, image, err)
	}
	if i.target, err = i.server.PortEndpoint(ctx, tcp(o.port), "http"); err != nil {
		return startError(ctx, i.server, image, err)
	}
	if o.provisionerPort != 0 {
		if i.provision, err = i.server.PortEndpoint(ctx, tcp(o.provisionerPort), "http"); err != nil {
			return startError(ctx, i.server, image, err)
		}
	}
	return nil
}

// startError is the error for a container that failed, with its logs. The container is nil if it
// was not even created.
func startError(ctx context.Context, failed *testcontainers.DockerContainer, image string, err error) error {
	e := &StartError{Image: image, Err: err}
	if failed != nil {
		// The context may be what ended the start.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), engineTimeout)
		defer cancel()
		e.Logs, _ = logs(ctx, failed) // without logs the failure says enough
	}
	return e
}

// Target returns the origin of the API, such as "http://127.0.0.1:32768".
func (i *Implementation) Target() string { return i.target }

// Provision returns the origin of the provisioner, empty after WithoutProvisioner.
func (i *Implementation) Provision() string { return i.provision }

// Logs returns what the implementation has written to standard output and standard error so far.
func (i *Implementation) Logs(ctx context.Context) (string, error) { return logs(ctx, i.server) }

func logs(ctx context.Context, from *testcontainers.DockerContainer) (string, error) {
	reader, err := from.Logs(ctx)
	if err != nil {
		return "", fmt.Errorf("logs: %w", err)
	}
	defer reader.Close()
	text, err := io.ReadAll(reader)
	if err != nil {
		return "", fmt.Errorf("logs: %w", err)
	}
	return string(text), nil
}

// StopRedis stops the Redis of [WithRedis], to see what the implementation does without its store.
func (i *Implementation) StopRedis(ctx context.Context) error {
	if i.redis == nil {
		return errNoRedis
	}
	at := time.Second
	return i.redis.Stop(ctx, &at)
}

// StartRedis starts the Redis of [WithRedis] again, with the data that it had, and returns when it
// accepts connections.
func (i *Implementation) StartRedis(ctx context.Context) error {
	if i.redis == nil {
		return errNoRedis
	}
	return i.redis.Start(ctx)
}

var errNoRedis = errors.New("no Redis was started beside the implementation: use WithRedis")

// Terminate stops and removes the containers and their network, with their data. Further calls
// return the result of the first.
func (i *Implementation) Terminate(ctx context.Context) error {
	i.terminate.Do(func() {
		var errs []error
		for _, part := range []*testcontainers.DockerContainer{i.server, i.redis} {
			if part != nil {
				errs = append(errs, part.Terminate(ctx, testcontainers.StopTimeout(time.Second)))
			}
		}
		if i.network != nil {
			errs = append(errs, i.network.Remove(ctx))
		}
		i.ended = errors.Join(errs...)
	})
	return i.ended
}
