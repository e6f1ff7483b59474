package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/health"
)

// document returns what a file in docs holds.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decode reads a YAML file in docs.
func decode(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(document(t, name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestOperations_Page compares the page with the program: the line for Redis's users, the settings
// that are looked at, and the words of a 503.
func TestOperations_Page(t *testing.T) {
	t.Parallel()
	page := document(t, "operations.md")
	if line := redisstore.UserACL("mtrack"); !strings.Contains(page, "\n"+line+"\n") {
		t.Errorf("the page does not have the line that a user of Redis needs:\n%s", line)
	}
	for _, setting := range health.Settings() {
		if !strings.Contains(page, "`"+setting+"`") {
			t.Errorf("the page does not tell of the setting %s", setting)
		}
	}
}

// metricPattern matches the names of metrics in texts and expressions.
var metricPattern = regexp.MustCompile(`\b(?:mtrack|process|go)_[a-z_]+\b`)

// TestOperations_Metrics compares the metrics that a server has with those that the page and the
// alerts name, and the alerts with the page.
func TestOperations_Metrics(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	i := startServe(t, nil, "--redis", server.url, "--admin-listen", "127.0.0.1:0")
	ask(t, "GET", i.urls["API"]+"/", "") // before the first request some are not there
	_, _, text := ask(t, "GET", i.urls["admin"]+"/metrics", "")
	has := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(text, -1) {
		has[m[1]] = true
	}
	page := document(t, "operations.md")
	documented := map[string]bool{}
	for _, name := range regexp.MustCompile("(?m)^\\| `(mtrack_[a-z_]+)` \\|").FindAllStringSubmatch(page, -1) {
		documented[name[1]] = true
	}
	own := maps.Collect(maps.All(has))
	maps.DeleteFunc(own, func(name string, _ bool) bool { return !strings.HasPrefix(name, "mtrack_") })
	if got, want := slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(own)); !slices.Equal(got, want) {
		t.Errorf("the page's table has\n%q, /metrics has\n%q", got, want)
	}

	var alerts struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	decode(t, "alerts.yaml", &alerts)
	named, ruled := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(Mtrack\\w+)` \\|").FindAllStringSubmatch(page, -1) {
		named[m[1]] = true
	}
	for _, group := range alerts.Groups {
		for _, rule := range group.Rules {
			ruled[rule.Alert] = true
			for _, metric := range metricPattern.FindAllString(rule.Expr, -1) {
				if !has[strings.TrimSuffix(metric, "_bucket")] {
					t.Errorf("%s asks for %s, which is not in /metrics", rule.Alert, metric)
				}
			}
		}
	}
	if len(ruled) == 0 || !maps.Equal(named, ruled) {
		t.Errorf("the page has the alerts %v, alerts.yaml has %v", slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(ruled)))
	}
	if promtool, err := exec.LookPath("promtool"); err == nil { // Prometheus is no part of this
		if output, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "../../docs/alerts.yaml").CombinedOutput(); err != nil {
			t.Errorf("promtool: %v: %s", err, output)
		}
	}
}

// composeFile is the part of a compose file that ours has.
type composeFile struct {
	Services map[string]struct {
		Image       string
		Command     []string
		Environment map[string]string
		Ports       []string
		Grace       time.Duration `yaml:"stop_grace_period"`
	}
}

// TestCompose starts what compose.yaml starts, without containers.
func TestCompose(t *testing.T) {
	t.Parallel()
	var file composeFile
	decode(t, "compose.yaml", &file)
	server, api := file.Services["redis"], file.Services["mtrackd"]
	if len(file.Services) != 2 || !strings.HasPrefix(server.Image, "redis:") || api.Image != "mtrackd:local" {
		t.Fatalf("unexpected services: %+v", file.Services)
	}
	if makefile, err := os.ReadFile("../../Makefile"); err != nil || !strings.Contains(string(makefile), "\nIMAGE ?= "+api.Image+"\n") {
		t.Errorf("make image does not build %s (%v)", api.Image, err)
	}
	if command := strings.Join(server.Command, " "); !strings.HasPrefix(command, "redis-server ") ||
		!strings.Contains(command, "--appendonly yes --appendfsync always") {
		t.Errorf("redis runs %q", command)
	}
	if len(server.Ports) != 0 {
		t.Errorf("a Redis without a password is published on %q", server.Ports)
	}
	for _, port := range api.Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("%s is published to other machines", port)
		}
	}
	help, err := os.ReadFile("testdata/help/serve.txt")
	if err != nil {
		t.Fatal(err)
	}
	var variables []string
	for name, value := range api.Environment {
		if !regexp.MustCompile(`\(` + name + `[,)]`).Match(help) {
			t.Errorf("serve has no variable %s", name)
		}
		switch name {
		case "MTRACK_REDIS", "MTRACK_LISTEN", "MTRACK_ADMIN_LISTEN", "MTRACK_LOG_FORMAT": // given below
		case "MTRACK_MEDIA_SECRET":
			if !strings.HasPrefix(value, "${MTRACK_MEDIA_SECRET:?") {
				t.Errorf("the secret is %q: it has to come from outside", value)
			}
		default:
			variables = append(variables, name, value)
		}
	}
	end := time.Duration(0)
	for _, m := range regexp.MustCompile(`\(MTRACK_SHUTDOWN_\w+, default (\w+)\)`).FindAllStringSubmatch(string(help), -1) {
		d, err := time.ParseDuration(m[1])
		if err != nil {
			t.Fatal(err)
		}
		end += d
	}
	if end == 0 || api.Grace <= end {
		t.Errorf("killed after %v, while the end may take %v", api.Grace, end)
	}

	redis := startRedis(t, server.Command[1:]...)
	i := startServe(t, variables, "--redis", redis.url, "--admin-listen", "127.0.0.1:0")
	if log := i.stderr.String(); strings.Contains(log, `"level":"WARN"`) || strings.Contains(log, "redis keeps what it acknowledged, within limits") {
		t.Errorf("something may be lost: %s", log)
	}
	if status, _, body := ask(t, "GET", i.urls["admin"]+"/readyz", ""); status != 200 {
		t.Errorf("ready: %d %s", status, body)
	}
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

// TestBackup restores a Redis as operations.md says: from a snapshot, and from its append-only
// file. TestImportExport has the third way. Nothing is missing, a delete included, and keys work.
func TestBackup(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	folder := t.TempDir()
	server := startRedis(t, "--dir", folder, "--appendonly", "yes", "--appendfsync", "always")
	d := database{server.url}
	d.succeed(t, d.succeed(t, "", "generate-demo", "--organizations", "2", "--users", "12", "--tracks", "40", "--saves", "150"), "import", "-")
	world, _, _ := strings.Cut(smallWorld, `{"save"`) // which the sweeper would take away at some moment
	d.succeed(t, world, "import", "-")
	const remove, key = "/v1/music/org_1/tracks/mtrack_1", "X-API-Key: ak_one"
	i := startServe(t, nil, "--redis", server.url)
	if status, _, body := ask(t, "DELETE", i.urls["API"]+remove, "", key); status != 200 {
		t.Fatalf("delete: %d %s", status, body)
	}
	i.end(t)
	want := d.succeed(t, "", "export")

	client := server.client(t)
	if err := client.BgSave(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a snapshot", func() bool {
		info := client.Info(ctx, "persistence").Val()
		return strings.Contains(info, "rdb_bgsave_in_progress:0") && strings.Contains(info, "rdb_last_bgsave_status:ok")
	})
	snapshot, appended := t.TempDir(), t.TempDir()
	text, err := os.ReadFile(filepath.Join(folder, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(snapshot, "dump.rdb"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(appended, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(appended, "dump.rdb")); err != nil {
		t.Fatal(err)
	}
	server.stop()

	check := func(t *testing.T, restored *redisServer) {
		t.Helper()
		if got := (database{restored.url}).succeed(t, "", "export"); got != want {
			t.Errorf("what was restored differs:\n%s", firstDifference(got, want))
		}
		i := startServe(t, []string{"MTRACK_REQUIRE_DURABLE", "true"}, "--redis", restored.url)
		if status, _, body := ask(t, "DELETE", i.urls["API"]+remove, "", key); status != 404 {
			t.Errorf("the deleted track: %d %s", status, body)
		}
		i.end(t)
	}
	t.Run("snapshot", func(t *testing.T) {
		restored := startRedis(t, "--dir", snapshot)
		restored.configure(t, "appendonly", "yes")
		check(t, restored)
		client := restored.client(t)
		eventually(t, "an append-only file with the snapshot's data", func() bool {
			info := client.Info(context.Background(), "persistence").Val()
			return strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0")
		})
		restored.stop()
		check(t, startRedis(t, "--dir", snapshot, "--appendonly", "yes")) // as after CONFIG REWRITE
	})
	t.Run("append-only file", func(t *testing.T) {
		check(t, startRedis(t, "--dir", appended, "--appendonly", "yes"))
	})
}
