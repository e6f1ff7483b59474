package container

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/testcontainers/testcontainers-go"
)

// Build builds the image of the Dockerfile in a directory, which is also the context of the build,
// and tags it with name, such as "tracks:dev". It writes the output of the build to log. The
// engine's classic builder does it, so the Dockerfile cannot use what only BuildKit knows. The
// image stays.
//
// The error is an [*EngineError], or has the output of the step that failed.
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
