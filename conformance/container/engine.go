package container

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"time"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// engineTimeout is how long an engine may take to respond. It is on this machine or near it.
const engineTimeout = 10 * time.Second

// newLogger returns the logger of testcontainers-go.
func newLogger(w io.Writer) *log.Logger { return log.New(w, "", log.LstdFlags) }

// connect finds the engine and makes sure that it responds. The error is an *EngineError. The
// caller closes the provider.
func connect(ctx context.Context, logs io.Writer) (provider *testcontainers.DockerProvider, err error) {
	// testcontainers-go panics if some of the places where it looks for an engine are broken.
	defer func() {
		if reason := recover(); reason != nil {
			provider, err = nil, &EngineError{Err: fmt.Errorf("%v", reason)}
		}
	}()
	provider, err = testcontainers.NewDockerProvider(testcontainers.WithLogger(newLogger(logs)))
	if err != nil {
		return nil, &EngineError{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	// Not provider.Health, which caches its first result.
	if _, err := provider.Client().Ping(ctx, client.PingOptions{}); err != nil {
		provider.Close()
		return nil, &EngineError{Err: err}
	}
	return provider, nil
}

// bindings publishes the ports: if the engine is on this machine on the loopback address alone,
// since a provisioner makes keys for whoever asks, and otherwise on all addresses of the engine.
func bindings(engineHost string, ports []int) (network.PortMap, error) {
	binding := network.PortBinding{HostPort: "0"}
	if address := net.ParseIP(engineHost); engineHost == "localhost" || (address != nil && address.IsLoopback()) {
		binding.HostIP = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	published := network.PortMap{}
	for _, number := range ports {
		port, err := network.ParsePort(tcp(number))
		if err != nil {
			return nil, fmt.Errorf("port %d: %w", number, err)
		}
		published[port] = []network.PortBinding{binding}
	}
	return published, nil
}

func tcp(port int) string { return fmt.Sprintf("%d/tcp", port) }
