package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Reader opens the files that a document consists of. Names use forward slashes
// and are relative to wherever the reader starts. Implementations are safe for
// concurrent use.
type Reader interface {
	// Open returns the content of name. The caller closes it.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Display returns what messages call name.
	Display(name string) string
}

// Disk reads from the file system, relative to the working directory.
type Disk struct{}

// Open opens a regular file, or a pipe that a shell made for it: `<(…)`, /dev/stdin. It waits
// for nobody: a named pipe, a device, a socket or a directory is an error.
func (Disk) Open(_ context.Context, name string) (io.ReadCloser, error) {
	f, err := os.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		var named *os.PathError
		if errors.As(err, &named) {
			// The path is named by the caller already.
			err = named.Err
		}
		if info, e := os.Stat(name); e == nil && info.Mode()&os.ModeSocket != 0 {
			err = errNotRegular
		}
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("is a directory; name the document inside it")
	case info.Mode()&os.ModeNamedPipe != 0 && (name == "/dev/stdin" || strings.HasPrefix(name, "/dev/fd/")):
	case !info.Mode().IsRegular():
		err = errNotRegular
	case info.Size() == 0:
		// Reading what only looks like a file, as below /proc, may wait for ever.
		f.Close()
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

var errNotRegular = errors.New("it is no regular file")

// Display returns name itself.
func (Disk) Display(name string) string { return name }

// referenceReader is a reader of a file system, in which a file has several names and
// not all files are the document's.
type referenceReader interface {
	Reader
	// Identity returns what is equal for all names of a file.
	Identity(name string) string
	// Boundary returns the directory outside of which the references of a document lead
	// nowhere, given the one that the user named, or "".
	Boundary(named, document string) string
	// OpenReferenced opens a file that is referred to.
	OpenReferenced(name, boundary string) (io.ReadCloser, error)
}

// Identity returns the absolute path without links.
func (Disk) Identity(name string) string {
	absolute, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return name
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		return real
	}
	return absolute
}

// Boundary returns the directory that was named, or else the git checkout that holds the
// document, or else the document's directory.
func (d Disk) Boundary(named, document string) string {
	if named != "" {
		return d.Identity(named)
	}
	dir := filepath.Dir(d.Identity(document))
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}

// OpenReferenced opens a regular file within a directory.
func (d Disk) OpenReferenced(name, boundary string) (io.ReadCloser, error) {
	path := d.Identity(name)
	if relative, err := filepath.Rel(boundary, path); err != nil || !filepath.IsLocal(relative) {
		return nil, fmt.Errorf("it is outside of %s, the directory that references may read", boundary)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, errors.New("it is a directory")
	case err == nil && !info.Mode().IsRegular():
		return nil, errNotRegular
	}
	return d.Open(context.Background(), path)
}

// Memory reads from a map, for documents that are embedded in a program.
type Memory map[string][]byte

// Open returns the bytes under name.
func (m Memory) Open(_ context.Context, name string) (io.ReadCloser, error) {
	data, ok := m[name]
	if !ok {
		return nil, os.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// Display returns name itself.
func (m Memory) Display(name string) string { return name }

// Revision reads files as they are in a git revision, through `git show`.
type Revision struct {
	// Rev is a revision as git names them: a branch, a tag, a commit.
	Rev string
	// Relative makes names relative to the working directory, in place of the root
	// of the repository.
	Relative bool
}

// object returns how git names a file of the revision.
func (r Revision) object(name string) string {
	if r.Relative && !strings.HasPrefix(name, "../") {
		name = "./" + name
	}
	return r.Rev + ":" + name
}

// Commit returns the commit that the revision names. An error means that there is no such revision,
// or no repository.
func (r Revision) Commit(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--verify", "--quiet", "--end-of-options", r.Rev+"^{commit}").CombinedOutput()
	text := strings.TrimSpace(string(out))
	var exit *exec.ExitError
	switch {
	case err == nil:
		return text, nil
	case !errors.As(err, &exit):
		return "", noGit(err)
	case text == "":
		text = "there is no such revision here; a shallow clone has to fetch it first"
	}
	return "", fmt.Errorf("%s: %s", r.Rev, text)
}

// Has reports whether the revision has a file.
func (r Revision) Has(ctx context.Context, name string) bool {
	return exec.CommandContext(ctx, "git", "cat-file", "-e", r.object(name)).Run() == nil
}

// Earlier returns the name that a file of the working directory had in the revision,
// or "" where it did not exist. An error means that there is no such revision, or no
// repository.
func (r Revision) Earlier(ctx context.Context, name string) (string, error) {
	if _, err := r.Commit(ctx); err != nil {
		return "", err
	}
	if r.Has(ctx, name) {
		return name, nil
	}
	// Git names both sides of a move from the root; what leads there is the prefix.
	prefix, err := exec.CommandContext(ctx, "git", "rev-parse", "--show-prefix").Output()
	if err != nil {
		return "", err
	}
	moved, err := exec.CommandContext(ctx, "git", "diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", "--no-relative", "--end-of-options", r.Rev).Output()
	if err != nil {
		return "", err
	}
	dir := path.Clean(strings.TrimSpace(string(prefix)))
	for fields := strings.Split(string(moved), "\x00"); len(fields) > 2; fields = fields[3:] {
		if fields[2] == path.Join(dir, name) {
			from, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(fields[1]))
			return filepath.ToSlash(from), err
		}
	}
	return "", nil
}

func noGit(err error) error { return fmt.Errorf("git is needed to read a revision: %w", err) }

// Open returns the content of name at the revision.
func (r Revision) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if kind, err := exec.CommandContext(ctx, "git", "cat-file", "-t", "--end-of-options", r.object(name)).Output(); err == nil && strings.TrimSpace(string(kind)) == "tree" {
		return nil, errors.New("is a directory; name the document inside it")
	}
	cmd := exec.CommandContext(ctx, "git", "show", "--no-textconv", "--end-of-options", r.object(name))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, noGit(err)
	}
	return &processOutput{Reader: out, cmd: cmd, stderr: &stderr}, nil
}

// Display returns REV:PATH, as git takes it.
func (r Revision) Display(name string) string { return r.object(name) }

// processOutput turns a failed exit of the process into the error of the read
// that meets the end, so that a missing file is not taken for an empty one.
type processOutput struct {
	io.Reader
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	done   bool
}

func (p *processOutput) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if !errors.Is(err, io.EOF) || p.done {
		return n, err
	}
	p.done = true
	if werr := p.cmd.Wait(); werr != nil {
		if text := strings.TrimSpace(p.stderr.String()); text != "" {
			return n, errors.New(text)
		}
		return n, werr
	}
	return n, io.EOF
}

func (p *processOutput) Close() error {
	if p.done {
		return nil
	}
	p.done = true
	// Whoever closes early has read enough; the rest of what git has to say does not matter.
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	return nil
}

// remoteTimeout bounds one fetch of a remote reference.
const remoteTimeout = 20 * time.Second

// openRemote fetches an http or https URL.
func openRemote(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, remoteTimeout)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		cancel()
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		cancel()
		return nil, fmt.Errorf("the server responded with %s", resp.Status)
	}
	return cancelOnClose{resp.Body, cancel}, nil
}

type cancelOnClose struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c cancelOnClose) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}
