package source

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Tree returns the files below a directory as they are in the revision, named relative to it. An
// error means that there is no such revision, or no repository.
func (r Revision) Tree(ctx context.Context, dir string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-tree", "-r", "-z", "--name-only", "--end-of-options", r.Rev)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: the files of this revision cannot be listed; a shallow clone has to fetch it first", r.Rev)
	}
	return strings.FieldsFunc(string(out), func(c rune) bool { return c == 0 }), nil
}
