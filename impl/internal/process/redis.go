package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a redis-server on an address of its own. It writes nothing by itself unless its arguments
// say so.
type Redis struct {
	*Process
	Address, Folder string
	binary          string
	arguments       []string
}

// StartRedis starts a redis-server with the data of a snapshot, or empty, and further arguments. Its
// folder, below work, is removed at its end.
func StartRedis(ctx context.Context, work, snapshot string, arguments ...string) (*Redis, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("redis-server is not on the path: install it (Debian: redis-server)")
	}
	folder, err := os.MkdirTemp(work, "redis-")
	if err != nil {
		return nil, err
	}
	if snapshot != "" {
		if err := copyFile(snapshot, filepath.Join(folder, "dump.rdb")); err != nil {
			return nil, err
		}
	}
	address, err := FreeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	r := &Redis{Address: address, Folder: folder, binary: binary, arguments: append([]string{
		"--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"}, arguments...)}
	if err := r.Launch(); err != nil {
		return nil, err
	}
	if err := r.Await(ctx, address); err != nil {
		r.End()
		return nil, err
	}
	if err := r.AwaitReady(ctx); err != nil {
		r.End()
		return nil, err
	}
	return r, nil
}

// Launch starts the server, with further arguments, after it was killed. It does not wait.
func (r *Redis) Launch(arguments ...string) (err error) {
	r.Process, err = Start(exec.Command(r.binary, append(r.arguments, arguments...)...))
	return err
}

// End ends the server and removes its folder.
func (r *Redis) End() {
	r.Process.End()
	os.RemoveAll(r.Folder)
}

// Client returns a client of the server, for whoever looks after it.
func (r *Redis) Client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: r.Address, ReadTimeout: time.Minute, MaxRetries: 2, DialerRetries: 1})
}

// AwaitReady waits until the server has loaded its data.
func (r *Redis) AwaitReady(ctx context.Context) error {
	client := r.Client()
	defer client.Close()
	for deadline := time.Now().Add(startTime); ; time.Sleep(20 * time.Millisecond) {
		err := client.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("redis-server is not ready: %w", err)
		}
	}
}

// Replicate starts a replica of the server, with further arguments, and waits until it follows.
func (r *Redis) Replicate(ctx context.Context, work string, arguments ...string) (*Redis, error) {
	replica, err := StartRedis(ctx, work, "", arguments...)
	if err != nil {
		return nil, err
	}
	master, client := r.Client(), replica.Client()
	defer master.Close()
	defer client.Close()
	host, port, _ := net.SplitHostPort(r.Address)
	err = errors.Join(master.ConfigSet(ctx, "repl-diskless-sync-delay", "0").Err(), client.Do(ctx, "REPLICAOF", host, port).Err())
	for deadline := time.Now().Add(startTime); err == nil; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(client.Info(ctx, "replication").Val(), "master_link_status:up") {
			return replica, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			err = errors.New("the replica does not follow")
		}
	}
	replica.End()
	return nil, err
}

// Save writes a snapshot to the file.
func (r *Redis) Save(ctx context.Context, file string) error {
	client := r.Client()
	defer client.Close()
	if err := client.Save(ctx).Err(); err != nil {
		return err
	}
	return copyFile(filepath.Join(r.Folder, "dump.rdb"), file)
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}
