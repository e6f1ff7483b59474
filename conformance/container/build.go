package container

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/testcontainers/testcontainers-go"
)

// Build makes the image of the Dockerfile in directory, which is also the build's context, and tags it name ("tracks:dev").
// It uses the engine's classic builder, so nothing in the Dockerfile may ask for BuildKit. The build's output goes to log.
// The image stays; building the same again is quick.
//
// The error is an *EngineError, or holds what the build ended with.
func Build(ctx context.Context, directory, name string, log io.Writer) error {
	repository, tag, found := strings.Cut(name, ":")
	if !found || repository == "" || tag == "" {
		return fmt.Errorf("image name %q: want REPOSITORY:TAG", name)
	}
	provider, err := connect(ctx, log)
	if err != nil {
		return err
	}
	defer provider.Close()
	_, err = provider.BuildImage(ctx, &testcontainers.ContainerRequest{
		FromDockerfile: testcontainers.FromDockerfile{
			Context:        directory,
			Repo:           repository,
			Tag:            tag,
			BuildLogWriter: log,
			KeepImage:      true,
		},
	})
	if err != nil {
		return fmt.Errorf("build %s from %s: %w", name, directory, err)
	}
	return nil
}
