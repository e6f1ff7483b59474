package redisstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/storetest"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// aclWords are those of UserACL behind the user's name.
func aclWords() []string {
	return strings.Fields(strings.Replace(redisstore.UserACL("mtrack"), ">PASSWORD", ">secret", 1))[2:]
}

// setUser gives the user mtrack these rights and no others.
func setUser(t *testing.T, client redis.UniversalClient, rights []string) {
	t.Helper()
	words := []any{"ACL", "SETUSER", "mtrack", "reset"}
	for _, r := range rights {
		words = append(words, r)
	}
	if err := client.Do(t.Context(), words...).Err(); err != nil {
		t.Fatal(err)
	}
}

func asUser(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	url = strings.Replace(url, "://", "://mtrack:secret@", 1)
	if strings.Contains(url, "?") {
		url += "&read_timeout=10s"
	} else {
		url += "?read_timeout=10s"
	}
	client, err := redisurl.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// contractAs runs the contract as the user, and fails if Redis has denied it anything.
func contractAs(t *testing.T, url string, nodes ...*redistest.Redis) {
	t.Helper()
	client := asUser(t, url)
	if err := redisstore.CheckPermissions(t.Context(), client); err != nil {
		t.Error(err)
	}
	t.Run("contract", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) (track.Store, record.Registry) {
			store := redisstore.New(client)
			t.Cleanup(store.Close)
			return store, registry.New(client)
		})
	})
	for _, node := range nodes {
		log, err := node.Client(t).Do(t.Context(), "ACL", "LOG").Slice()
		if err != nil || len(log) > 0 {
			t.Errorf("denied: %v, %v", log, err)
		}
	}
}

// TestPermissions holds the ACL line to be enough for everything, and CheckPermissions to miss
// whatever is taken from it.
func TestPermissions(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	admin := server.Client(t)
	all := aclWords()
	setUser(t, admin, all)
	contractAs(t, server.URL, server)

	client := asUser(t, server.URL)
	for i, right := range all {
		name, command := strings.CutPrefix(right, "+")
		if !command && right[0] != '~' {
			continue
		}
		setUser(t, admin, slices.Delete(slices.Clone(all), i, i+1))
		err := redisstore.CheckPermissions(t.Context(), client)
		switch {
		case slices.Contains([]string{"cluster|nodes", "config|get", "info", "wait"}, name):
			if err != nil {
				t.Errorf("without %s, which is not needed: %v", right, err)
			}
			err := redisstore.CheckPermissions(t.Context(), client, redisstore.WithReplicas(1))
			if refused := err != nil && strings.Contains(err.Error(), "may not run wait;"); refused != (name == "wait") {
				t.Errorf("without %s, and replicas have to confirm: %v", right, err)
			}
		case strings.HasPrefix(name, "acl|"):
			if !errors.Is(err, redisstore.ErrPermissionsUnknown) || !strings.Contains(err.Error(), name) {
				t.Errorf("without %s: %v", right, err)
			}
		case err == nil, errors.Is(err, redisstore.ErrPermissionsUnknown),
			!strings.Contains(err.Error(), redisstore.UserACL("mtrack")),
			command && !strings.Contains(err.Error(), "may not run "+name+";"),
			!command && !strings.Contains(err.Error(), "keys that begin with mtrack:"):
			t.Errorf("without %s: %v", right, err)
		}
	}
	setUser(t, admin, []string{"on", ">secret", "~*", "+@all"})
	if err := redisstore.CheckPermissions(t.Context(), client); err != nil {
		t.Errorf("with all rights: %v", err)
	}
}

// TestPermissionsOnCluster is the same for what the client library sends to a cluster. A right
// that is missing on one node is told, too.
func TestPermissionsOnCluster(t *testing.T) {
	testenv.Slow(t)
	cluster := redistest.StartCluster(t, 3)
	for _, node := range cluster.Nodes {
		setUser(t, node.Client(t), aclWords())
	}
	contractAs(t, cluster.URL, cluster.Nodes...)
	setUser(t, cluster.Nodes[1].Client(t), append(aclWords(), "-hset"))
	if err := redisstore.CheckPermissions(t.Context(), asUser(t, cluster.URL)); err == nil || !strings.Contains(err.Error(), "may not run hset;") {
		t.Errorf("without HSET on one node: %v", err)
	}
}

// TestPermissionsOfScripts looks for commands of scripts that the line does not have: those that
// no test happens to run.
func TestPermissionsOfScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("internal/scripts/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	rights := aclWords()
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code := regexp.MustCompile(`--.*`).ReplaceAllString(string(source), "")
		for _, match := range regexp.MustCompile(`(return |reply = )?[({]'([A-Z]+)'`).FindAllStringSubmatch(code, -1) {
			if name := strings.ToLower(match[2]); match[1] == "" && !slices.Contains(rights, "+"+name) {
				t.Errorf("%s runs %s, which %q does not allow", file, name, redisstore.UserACL("mtrack"))
			}
		}
	}
}
