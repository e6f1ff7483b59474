// Package container runs the conformance suite against an implementation that is a container image,
// in any language: on a network of its own, with a Redis beside it if it needs one, and with only
// two ports published.
//
//	result, err := container.Run(ctx, "registry.example.com/tracks:1.4",
//		container.WithRedis("redis:7-alpine"),
//		container.WithEnv("REDIS_URL", container.RedisURL),
//		container.WithPort(3000),
//		container.WithProvisioner(3001),
//		container.WithSuite(conformance.WithStrict(true)),
//	)
//	if err == nil && result.Verdict == report.NotConforming { … }
//
// [Start] runs the implementation alone, for tests that go beyond the suite; [Build] builds the
// image from a Dockerfile.
//
// It needs a container engine. If none responds every function returns an [*EngineError], so that a
// test can tell a machine without an engine from a broken image. The engine is found as
// testcontainers-go finds it (DOCKER_HOST, the current context, the usual sockets), and
// TESTCONTAINERS_HOST_OVERRIDE and TESTCONTAINERS_RYUK_DISABLED work as they do there.
//
// Tests and programs of implementers may call it. It is the only package that imports
// testcontainers-go: the suite itself does not depend on it.
package container
