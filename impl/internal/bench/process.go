package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// How long a program may take to start, and to end by itself.
const (
	startTime = 30 * time.Second
	endTime   = 5 * time.Second
)

// process is a program that was started here, and its children.
type process struct {
	command *exec.Cmd
	errors  bytes.Buffer
	done    chan struct{}
	end     func()
}

// start starts a program. It leads a group of its own, so that its children end with it.
func start(command *exec.Cmd) (*process, error) {
	p := &process{command: command, done: make(chan struct{})}
	command.Stderr = &p.errors
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		command.Wait() // what it says is known when it was to end, and told when it was not
		close(p.done)
	}()
	p.end = sync.OnceFunc(func() {
		syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(endTime):
			syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
			<-p.done
		}
	})
	return p, nil
}

// await waits until something listens at the address.
func (p *process) await(ctx context.Context, address string) error {
	deadline := time.Now().Add(startTime)
	for {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended at its start:\n%s", p.command.Path, p.errors.String())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not listen at %s after %v", p.command.Path, address, startTime)
		}
	}
}

// cpu returns the processor time that the group used so far, 0 where the system does not say.
func (p *process) cpu() time.Duration {
	entries, _ := os.ReadDir("/proc")
	var ticks int
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + entry.Name() + "/stat")
		if err != nil {
			continue
		}
		// The name, in brackets, may hold anything; after it come state, parent, group, and the
		// times as the 12th and 13th.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 12 && fields[2] == strconv.Itoa(p.command.Process.Pid) {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			ticks += user + system
		}
	}
	return time.Duration(ticks) * (time.Second / 100)
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// redisServer is a redis-server that writes nothing by itself.
type redisServer struct {
	*process
	address, folder string
}

// startRedis starts a redis-server with the data of a snapshot, or empty.
func startRedis(ctx context.Context, work, snapshot string) (*redisServer, error) {
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
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	p, err := start(exec.Command(binary, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"))
	if err != nil {
		return nil, err
	}
	s := &redisServer{p, address, folder}
	end := p.end
	p.end = func() {
		end()
		os.RemoveAll(folder)
	}
	if err := p.await(ctx, address); err != nil {
		p.end()
		return nil, err
	}
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	for deadline := time.Now().Add(startTime); ; time.Sleep(20 * time.Millisecond) {
		err := client.Ping(ctx).Err() // fails while the snapshot is loaded
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			p.end()
			return nil, fmt.Errorf("redis-server is not ready: %w", err)
		}
	}
}

// replicate starts a replica of the server and waits until it follows.
func (s *redisServer) replicate(ctx context.Context, work string) (*redisServer, error) {
	replica, err := startRedis(ctx, work, "")
	if err != nil {
		return nil, err
	}
	master, client := redis.NewClient(&redis.Options{Addr: s.address}), redis.NewClient(&redis.Options{Addr: replica.address})
	defer master.Close()
	defer client.Close()
	host, port, _ := net.SplitHostPort(s.address)
	err = errors.Join(master.ConfigSet(ctx, "repl-diskless-sync-delay", "0").Err(), client.Do(ctx, "REPLICAOF", host, port).Err())
	for deadline := time.Now().Add(startTime); err == nil; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(client.Info(ctx, "replication").Val(), "master_link_status:up") {
			return replica, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			err = errors.New("the replica does not follow")
		}
	}
	replica.end()
	return nil, err
}

// save writes a snapshot to the file.
func (s *redisServer) save(ctx context.Context, file string) error {
	client := redis.NewClient(&redis.Options{Addr: s.address, ReadTimeout: time.Minute})
	defer client.Close()
	if err := client.Save(ctx).Err(); err != nil {
		return err
	}
	return copyFile(filepath.Join(s.folder, "dump.rdb"), file)
}
