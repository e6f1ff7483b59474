package container_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/container"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// The suite against an image, with a Redis beside it. It needs Docker, so go test compiles this
// example without running it; the tests of this package run an image where there is an engine.
func ExampleRun() {
	report, err := container.Run(context.Background(), "registry.example.com/tracks:1.4",
		container.WithRedis("redis:7-alpine"),
		container.WithEnv("REDIS_URL", container.RedisURL),
		container.WithPort(3000),
		container.WithProvisioner(3001),
		container.WithSuite(conformance.WithProfile(requirement.ProfileDelete)),
	)
	var noEngine *container.EngineError
	switch {
	case errors.As(err, &noEngine):
		fmt.Println("skipped:", err)
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(report.Verdict)
}
