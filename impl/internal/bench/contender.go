package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// operation is what is asked for.
type operation string

const (
	deletes operation = "delete"
	gets    operation = "get"
	lists   operation = "list"
)

var operations = []operation{deletes, gets, lists}

// What is measured, and what everything is compared with.
const (
	mtrackd = "mtrackd"
	bare    = "bare"
)

// contender is a server to measure.
type contender struct {
	name, what string
	fixture    fixture
	operations []operation
	replica    bool // its Redis has one
	byName     bool // takes part only where it is asked for
	// command returns the program that serves at an address, over a Redis at another.
	command func(listen, redis string) *exec.Cmd
}

// running is a contender that serves.
type running struct {
	*process.Process
	origin string
}

func (c contender) start(ctx context.Context, redis string) (*running, error) {
	listen, err := process.FreeAddress()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(c.command(listen, redis))
	if err != nil {
		return nil, err
	}
	if err := p.Await(ctx, listen); err != nil {
		p.End()
		return nil, err
	}
	return &running{p, "http://" + listen}, nil
}

//go:embed peers bare/delete.lua
var peerFiles embed.FS

// prepareContenders builds and installs what is to be measured. Peers whose language is not on this
// machine are left out, and that is said.
func prepareContenders(ctx context.Context, s settings) ([]contender, error) {
	byHandServer := filepath.Join(s.work, "bare")
	build := exec.CommandContext(ctx, "go", "build", "-o", byHandServer, "./impl/internal/bench/bare")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the bare handler (bench runs in the module's root): %w\n%s", err, out)
	}
	handler := func(mode string) func(listen, redis string) *exec.Cmd {
		return func(listen, redis string) *exec.Cmd {
			return exec.Command(byHandServer, "-mode", mode, "-listen", listen, "-redis", redis)
		}
	}
	ours := func(flags ...string) func(listen, redis string) *exec.Cmd {
		return func(listen, redis string) *exec.Cmd {
			return exec.Command(s.server, append([]string{"serve", "--listen", listen, "--redis", "redis://" + redis}, flags...)...)
		}
	}
	all := []contender{
		{name: mtrackd, what: "this server, with its access log, metrics and ids of requests", fixture: byMtrackd, operations: operations, command: ours()},
		{name: bare, what: "net/http and go-redis, a script by hand", fixture: byHand, operations: operations, command: handler("single")},
		{name: "pipelined", what: "the same, two workers that send what waits", fixture: byHand, operations: operations, command: handler("pipelined")},
		{name: "constant", what: "net/http, a constant response, no Redis", fixture: byHand, operations: []operation{deletes}, command: handler("constant")},
		{name: "replicated", what: "this server, its Redis has a replica", fixture: byMtrackd, operations: []operation{deletes},
			replica: true, byName: true, command: ours()},
		{name: "confirmed", what: "the same, each delete waits for the replica", fixture: byMtrackd, operations: []operation{deletes},
			replica: true, byName: true, command: ours("--replicas", "1")},
	}
	for _, peer := range []func(context.Context, settings) (contender, error){fastify, fastAPI} {
		c, err := peer(ctx, s)
		if err != nil {
			fmt.Fprintln(os.Stderr, "LEFT OUT:", err)
			continue
		}
		all = append(all, c)
	}
	for _, name := range s.only {
		if !slices.ContainsFunc(all, func(c contender) bool { return c.name == name }) {
			return nil, fmt.Errorf("-only: there is no contender %q here", name)
		}
	}
	return slices.DeleteFunc(all, func(c contender) bool {
		return !slices.Contains(s.only, c.name) && (len(s.only) > 0 || c.byName)
	}), nil
}

// unpack writes the peers' files to a folder.
func unpack(folder string) error {
	return fs.WalkDir(peerFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := peerFiles.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, filepath.Base(name)), text, 0o644)
	})
}

// install runs a peer's installer in a folder of its own, unless it ran there before on the same
// list of packages.
func install(ctx context.Context, s settings, name, packages string, installers ...[]string) (folder string, err error) {
	folder = filepath.Join(s.work, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	if err := unpack(folder); err != nil {
		return "", err
	}
	wanted, err := peerFiles.ReadFile("peers/" + packages)
	if err != nil {
		return "", err
	}
	stamp := filepath.Join(folder, "installed")
	if found, err := os.ReadFile(stamp); err == nil && string(found) == string(wanted) {
		return folder, nil
	}
	for _, words := range installers {
		binary, err := exec.LookPath(words[0])
		if strings.HasPrefix(words[0], "./") { // installed by the one before
			binary, err = filepath.Join(folder, words[0]), nil
		}
		if err != nil {
			return "", fmt.Errorf("%s: %s is not on the path", name, words[0])
		}
		command := exec.CommandContext(ctx, binary, words[1:]...)
		command.Dir = folder
		if out, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %s: %w\n%s", name, strings.Join(words, " "), err, out)
		}
	}
	return folder, os.WriteFile(stamp, wanted, 0o644)
}

func fastify(ctx context.Context, s settings) (contender, error) {
	folder, err := install(ctx, s, "fastify", "package.json", []string{"npm", "install", "--silent", "--no-audit", "--no-fund"})
	return contender{name: "fastify", what: "Fastify and ioredis on Node", fixture: byHand, operations: []operation{deletes}, command: func(listen, redis string) *exec.Cmd {
		command := exec.Command("node", "fastify.mjs", portOf(listen), redis, "delete.lua")
		command.Dir = folder
		return command
	}}, err
}

func fastAPI(ctx context.Context, s settings) (contender, error) {
	folder, err := install(ctx, s, "fastapi", "requirements.txt", []string{"python3", "-m", "venv", "venv"},
		[]string{"./venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"})
	return contender{name: "fastapi", what: "FastAPI, uvicorn and redis-py, two processes", fixture: byHand, operations: []operation{deletes}, command: func(listen, redis string) *exec.Cmd {
		command := exec.Command(filepath.Join(folder, "venv/bin/uvicorn"), "fastapi_app:app", "--host", "127.0.0.1", "--port", portOf(listen), "--workers", "2", "--no-access-log")
		command.Dir = folder
		command.Env = append(os.Environ(), "REDIS="+redis, "SCRIPT=delete.lua")
		return command
	}}, err
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
