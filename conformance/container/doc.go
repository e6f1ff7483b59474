// Package container runs the conformance suite against an implementation that is given as a container image, in whatever
// language it is written: on a network of its own, with a Redis beside it if it wants one, and with nothing but two ports
// published.
//
//	report, err := container.Run(ctx, "registry.example.com/tracks:1.4",
//		container.WithRedis("redis:7-alpine"),
//		container.WithEnv("REDIS_URL", container.RedisURL),
//		container.WithPort(3000),
//		container.WithProvisioner(3001),
//		container.WithSuite(conformance.WithStrict(true)),
//	)
//	if err == nil && report.Verdict == conformance.NotConforming { … }
//
// [Start] gives the running implementation alone, for a test that asks more of it than the suite does; [Build] makes the
// image from a Dockerfile first.
//
// It needs a container engine: where none answers, every function returns an [*EngineError], so that a test can tell "not
// here" from "broken". The engine is found as testcontainers-go finds it (DOCKER_HOST, the current context, the usual
// sockets), and TESTCONTAINERS_HOST_OVERRIDE and TESTCONTAINERS_RYUK_DISABLED work as they do there. This is the only
// package that imports testcontainers-go: the suite itself does not depend on it.
package container
