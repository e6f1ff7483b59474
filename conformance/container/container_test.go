package container_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/container"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// redisImage returns the Redis to start beside implementations: MTRACK_TEST_REDIS_IMAGE where
// nothing can be pulled.
func redisImage() string {
	if image := os.Getenv("MTRACK_TEST_REDIS_IMAGE"); image != "" {
		return image
	}
	return "redis:7-alpine"
}

// listenerImage builds the image of testdata/listener. Without an engine that answers the test ends
// as package testenv says.
func listenerImage(t *testing.T) string {
	t.Helper()
	testenv.Slow(t)
	testenv.Need(t, "docker") // before what takes long is built for it
	directory := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(directory, "listener"), "./testdata/listener")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the listener: %v\n%s", err, output)
	}
	const dockerfile = "FROM scratch\nCOPY listener /listener\nUSER 65532:65532\nENTRYPOINT [\"/listener\"]\n"
	if err := os.WriteFile(filepath.Join(directory, "Dockerfile"), []byte(dockerfile), 0o600); err != nil {
		t.Fatal(err)
	}
	const image = "mtrack-test-listener:local"
	err := container.Build(t.Context(), directory, image, t.Output())
	var noEngine *container.EngineError
	if errors.As(err, &noEngine) {
		testenv.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func start(t *testing.T, image string, opts ...container.Option) *container.Implementation {
	t.Helper()
	implementation, err := container.Start(t.Context(), image, append(opts, container.WithLog(t.Output()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := implementation.Terminate(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return implementation
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func TestStart(t *testing.T) {
	image := listenerImage(t)
	implementation := start(t, image, container.WithPort(3000), container.WithEnv("GREETING", "hello"),
		container.WithRedis(redisImage()))

	if !strings.HasPrefix(implementation.Target(), "http://") || implementation.Target() == implementation.Provision() {
		t.Errorf("target %q, provisioner %q: want two origins", implementation.Target(), implementation.Provision())
	}
	if status, body := get(t, implementation.Target()+"/v1/music"); status != http.StatusNotFound {
		t.Errorf("target: %d %s, want 404", status, body)
	}
	status, body := get(t, implementation.Provision()+"/capabilities")
	var capabilities struct{ Greeting string }
	if err := json.Unmarshal([]byte(body), &capabilities); status != http.StatusOK || err != nil ||
		capabilities.Greeting != "hello" {
		t.Errorf("provisioner: %d %s (%v), want the greeting of the environment", status, body, err)
	}
	text, err := implementation.Logs(t.Context())
	if err != nil || !strings.Contains(text, "listener: listening") {
		t.Errorf("logs %q, %v", text, err)
	}

	if err := implementation.StopRedis(t.Context()); err != nil {
		t.Errorf("stop Redis: %v", err)
	}
	if err := implementation.StartRedis(t.Context()); err != nil {
		t.Errorf("start Redis: %v", err)
	}

	if err := implementation.Terminate(t.Context()); err != nil {
		t.Fatalf("terminate: %v", err)
	}
	if err := implementation.Terminate(t.Context()); err != nil {
		t.Errorf("terminate again: %v", err)
	}
	if response, err := http.Get(implementation.Target()); err == nil {
		response.Body.Close()
		t.Errorf("after Terminate the target still answers: %s", response.Status)
	}
}

func TestStart_ProvisionerPublishedOnLoopbackOnly(t *testing.T) {
	image := listenerImage(t)
	if host := os.Getenv("TESTCONTAINERS_HOST_OVERRIDE"); host != "" && host != "127.0.0.1" {
		testenv.Missing(t, "the engine is on %s, where the loopback address is not ours: use one on this machine", host)
	}
	implementation := start(t, image, container.WithPort(3000))
	_, port, _ := strings.Cut(strings.TrimPrefix(implementation.Provision(), "http://"), ":")
	listing, err := exec.CommandContext(t.Context(), "docker", "ps", "--filter", "publish="+port, "--format", "{{.Ports}}").
		Output()
	if err != nil {
		testenv.Missing(t, "docker ps: %v", err)
	}
	if !strings.Contains(string(listing), "127.0.0.1:"+port) || strings.Contains(string(listing), "0.0.0.0:") {
		t.Errorf("published as %q, want 127.0.0.1 alone", strings.TrimSpace(string(listing)))
	}
}

func TestStart_WithoutProvisioner(t *testing.T) {
	implementation := start(t, listenerImage(t), container.WithPort(3000), container.WithoutProvisioner())
	if implementation.Provision() != "" {
		t.Errorf("provisioner %q, want none", implementation.Provision())
	}
	if err := implementation.StopRedis(t.Context()); err == nil {
		t.Error("StopRedis without a Redis: no error")
	}
}

func TestStart_Failures(t *testing.T) {
	image := listenerImage(t)
	tests := []struct {
		name string
		opts []container.Option
		want string // part of the message
	}{
		{
			"EndsAtOnce",
			[]container.Option{container.WithPort(3000), container.WithCommand("broken")},
			"the database is on fire",
		},
		{
			"NobodyListens",
			[]container.Option{container.WithPort(3999), container.WithStartupTimeout(time.Second)},
			"listener: listening",
		},
		{
			"ProvisionerRefuses",
			[]container.Option{
				container.WithPort(3000),
				container.WithProvisioner(3000),
				container.WithStartupTimeout(time.Second),
			},
			"did not start",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := container.Start(t.Context(), image, test.opts...)
			var failed *container.StartError
			if !errors.As(err, &failed) {
				t.Fatalf("%v, want a *StartError", err)
			}
			if failed.Image != image || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error of image %s does not tell %q:\n%v", failed.Image, test.want, err)
			}
		})
	}
}

func TestStart_RedisFails(t *testing.T) {
	image := listenerImage(t)
	// The listener's image has no redis-server to run.
	_, err := container.Start(t.Context(), image, container.WithRedis(image), container.WithStartupTimeout(time.Second))
	var failed *container.StartError
	if !errors.As(err, &failed) || failed.Image != image {
		t.Fatalf("%v, want a *StartError of %s", err, image)
	}
}

func TestStart_NoEngineInTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := container.Start(ctx, "mtrack-test-listener:local")
	var noEngine *container.EngineError
	if !errors.As(err, &noEngine) {
		t.Fatalf("%v, want an *EngineError", err)
	}
	if !strings.Contains(err.Error(), "docker info") || !strings.Contains(err.Error(), "DOCKER_HOST") {
		t.Errorf("error does not tell what to do: %v", err)
	}
}

func TestBuild_BadName(t *testing.T) {
	for _, name := range []string{"", "tracks", "tracks:", ":dev"} {
		if err := container.Build(t.Context(), t.TempDir(), name, io.Discard); err == nil {
			t.Errorf("name %q: no error", name)
		}
	}
}
