package source

import (
	"context"
	"errors"
	"os/exec"
	"strings"
)

// MergeBase returns the commit from which two revisions have grown apart: it is one of them where
// that one is part of the other's history. It returns "" where there is none here, as in a shallow
// clone. An error means that there is no such revision, or no repository.
func MergeBase(ctx context.Context, a, b string) (string, error) {
	for _, rev := range []string{a, b} {
		if _, err := (Revision{Rev: rev}).Commit(ctx); err != nil {
			return "", err
		}
	}
	out, err := exec.CommandContext(ctx, "git", "merge-base", "--end-of-options", a, b).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", nil
	}
	base, _, _ := strings.Cut(string(out), "\n")
	return base, err
}
