package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// StartSentinel starts a sentinel that watches over an own server, and returns
// the URL by which the server is reached through it.
func StartSentinel(t testing.TB, master *Redis) string {
	t.Helper()
	host, masterPort, err := net.SplitHostPort(master.Address())
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "sentinel.conf") // it insists on one, which it rewrites
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor watched %s %s 1\n",
		port, folder, filepath.Join(folder, "sentinel.log"), host, masterPort)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(testenv.Need(t, "redis-server"), file, "--sentinel")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
	})
	address := fmt.Sprintf("127.0.0.1:%d", port)
	client := redis.NewSentinelClient(&redis.Options{Addr: address})
	defer client.Close()
	for deadline := time.Now().Add(20 * time.Second); client.GetMasterAddrByName(context.Background(), "watched").Err() != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the sentinel on %s does not answer", address)
		}
	}
	return "redis+sentinel://" + address + "?master_name=watched"
}
