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

// terminationTimeout bounds the clean-up after a failed start, which must happen even when the caller's context is over.
const terminationTimeout = 30 * time.Second

// Implementation is a running implementation. Its methods may be called by several goroutines at once.
type Implementation struct {
	target    string
	provision string

	server  *testcontainers.DockerContainer
	redis   *testcontainers.DockerContainer // nil without WithRedis
	network *testcontainers.DockerNetwork

	terminate sync.Once
	ended     error
}

// Start runs the image until Terminate and returns once it answers: its API to any request with any status, and its
// provisioner to GET /capabilities with 200. An image that is not on this machine is pulled.
//
// The error is an *EngineError, a *StartError with the container's logs, or one about the options. Nothing is left running
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

// start fills i in step by step, so that Terminate finds what there is when a step fails.
func (i *Implementation) start(ctx context.Context, provider *testcontainers.DockerProvider, image string, o options) error {
	var err error
	if i.network, err = tcnetwork.New(ctx); err != nil {
		return &StartError{Image: image, Err: fmt.Errorf("network: %w", err)}
	}
	if o.redisImage != "" {
		i.redis, err = testcontainers.Run(ctx, o.redisImage,
			testcontainers.WithLogger(newLogger(o.log)),
			tcnetwork.WithNetwork([]string{redisAlias}, i.network),
			// Protected mode refuses everybody from another address while no password is set; nothing is published. The
			// log on the container's own disk lets what was stored survive StopRedis.
			testcontainers.WithCmd("redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--appendonly", "yes"),
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
		ready = append(ready, wait.ForHTTP("/capabilities").WithPort(tcp(o.provisionerPort)).WithPollInterval(50*time.Millisecond).
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

// startError wraps why a container failed, with what it said. The container is nil where it was not even created.
func startError(ctx context.Context, failed *testcontainers.DockerContainer, image string, err error) error {
	e := &StartError{Image: image, Err: err}
	if failed != nil {
		// The context may be what ended the start.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), engineTimeout)
		defer cancel()
		e.Logs, _ = logs(ctx, failed) // the failure itself is told in any case
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

// StopRedis stops the Redis of WithRedis, so that what the implementation does without its store can be seen.
func (i *Implementation) StopRedis(ctx context.Context) error {
	if i.redis == nil {
		return errNoRedis
	}
	at := time.Second
	return i.redis.Stop(ctx, &at)
}

// StartRedis starts it again, under the same name and with what it had stored, and returns once it accepts connections.
func (i *Implementation) StartRedis(ctx context.Context) error {
	if i.redis == nil {
		return errNoRedis
	}
	return i.redis.Start(ctx)
}

var errNoRedis = errors.New("no Redis was started beside the implementation: use WithRedis")

// Terminate stops and removes the containers and their network, with all that was stored. Further calls return what the
// first one did.
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
