package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// What the data consists of: one organization, a creator of all tracks, and somebody who saved the
// first few of them. Deletes go through the tracks from the first on, those that warm up from the
// last on backwards.
const (
	organization = "org_bench"
	creator      = "user_creator"
	creatorKey   = "ak_creator00000000000000000000000000000000"
	saver        = "user_saver"
	saverKey     = "ak_saver0000000000000000000000000000000000"
	saved        = 100
	created      = "2026-06-28T10:30:00Z"
	tracks       = 400_000
	warmTracks   = 20_000 // at the end
)

func trackID(i int) string { return fmt.Sprintf("mtrack_%012d", i) }

// fixture names a way to store the data.
type fixture string

const (
	byHand    fixture = "by-hand" // as the bare handler and its peers keep it
	byMtrackd fixture = "mtrackd"
)

// fixtures are Redis snapshot files.
type fixtures map[fixture]string

// prepareData stores the data in both ways, once for each server that is measured.
func prepareData(ctx context.Context, s settings) (fixtures, error) {
	data := fixtures{byHand: filepath.Join(s.work, "by-hand.rdb"), byMtrackd: filepath.Join(s.work, "mtrackd.rdb")}
	binary, err := os.Stat(s.server)
	if err != nil {
		return nil, err
	}
	for name, file := range data {
		if snapshot, err := os.Stat(file); err == nil && snapshot.ModTime().After(binary.ModTime()) {
			continue
		}
		fmt.Fprintf(os.Stderr, "storing %d tracks, %s\n", tracks, name)
		server, err := process.StartRedis(ctx, s.work, "")
		if err != nil {
			return nil, err
		}
		defer server.End()
		if name == byHand {
			err = storeByHand(ctx, server.Address)
		} else {
			err = importWorld(ctx, s, server.Address)
		}
		if err == nil {
			err = server.Save(ctx, file)
		}
		if err != nil {
			return nil, fmt.Errorf("storing the data, %s: %w", name, err)
		}
		server.End()
	}
	return data, nil
}

// storeByHand writes the keys that bare/*.lua read.
func storeByHand(ctx context.Context, address string) error {
	client := redis.NewClient(&redis.Options{Addr: address, Protocol: 2})
	defer client.Close()
	tag := "{" + organization + "}:"
	pipe := client.Pipeline()
	for user, key := range map[string]string{creator: creatorKey, saver: saverKey} {
		sum := sha256.Sum256([]byte(key))
		pipe.HSet(ctx, "key:"+hex.EncodeToString(sum[:]), "user", user)
		pipe.SAdd(ctx, tag+"members", user)
	}
	for i := range tracks {
		id := trackID(i)
		pipe.HSet(ctx, tag+"track:"+id, "creator", creator, "title", fmt.Sprintf("Song %d", i), "engine", "studio",
			"mode", "creation", "licence", "unclear", "created_at", created)
		if i < saved {
			pipe.ZAdd(ctx, tag+"library:"+saver, redis.Z{Score: float64(i), Member: id})
		}
		if i%1000 == 999 || i == tracks-1 {
			if _, err := pipe.Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// importWorld writes the data in the import format and lets mtrackd store it.
func importWorld(ctx context.Context, s settings, address string) error {
	file := filepath.Join(s.work, "world.jsonl")
	if err := writeWorld(file); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, s.server, "import", file, "--redis", "redis://"+address)
	start := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("mtrackd import: %w\n%s", err, out)
	}
	fmt.Fprintf(os.Stderr, "mtrackd import: %.0f records a second\n", float64(tracks+saved+3)/time.Since(start).Seconds())
	return nil
}

func writeWorld(name string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	out := bufio.NewWriter(file)
	fmt.Fprintf(out, `{"organization":{"id":%q}}`+"\n", organization)
	for user, key := range map[string]string{creator: creatorKey, saver: saverKey} {
		fmt.Fprintf(out, `{"user":{"id":%q,"member_of":[%q],"keys":[{"secret":%q}]}}`+"\n", user, organization, key)
	}
	for i := range tracks {
		fmt.Fprintf(out, `{"track":{"id":%q,"organization_id":%q,"creator":%q,"title":"Song %d","engine":"studio","mode":"creation",`+
			`"licence_class":"unclear","created_at":%q}}`+"\n", trackID(i), organization, creator, i, created)
	}
	for i := range saved {
		fmt.Fprintf(out, `{"save":{"organization_id":%q,"track_id":%q,"user":%q,"saved_at":%q}}`+"\n", organization, trackID(i), saver, created)
	}
	return out.Flush()
}
