package redisurl_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// sentinel is a server that knows where the master is, and nothing else.
type sentinel struct {
	listener net.Listener
	master   string
	delay    time.Duration // before each answer
	hangs    atomic.Bool   // says nothing any more
	asked    atomic.Int32  // for the master, and has told
}

func newSentinel(t *testing.T, master string, delay time.Duration) *sentinel {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sentinel{listener: listener, master: master, delay: delay}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *sentinel) serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for {
		var words int
		if _, err := fmt.Fscanf(lines, "*%d\r\n", &words); err != nil {
			return
		}
		var command []string
		for n := range 2 * words { // each with its length before it
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if n%2 == 1 {
				command = append(command, strings.ToLower(strings.TrimSpace(line)))
			}
		}
		if s.hangs.Load() {
			continue
		}
		time.Sleep(s.delay)
		reply := "-ERR unknown command\r\n"
		if len(command) > 1 && command[0] == "sentinel" && command[1] == "get-master-addr-by-name" {
			s.asked.Add(1)
			host, port, _ := net.SplitHostPort(s.master)
			reply = fmt.Sprintf("*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(host), host, len(port), port)
		}
		if _, err := io.WriteString(conn, reply); err != nil {
			return
		}
	}
}

// TestOpenSentinel_Hangs lets the sentinel hang that the client has chosen.
// When the master has to be dialed again the other one is asked.
func TestOpenSentinel_Hangs(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	chosen, other := newSentinel(t, server.Address(), 0), newSentinel(t, server.Address(), 50*time.Millisecond)
	client, err := redisurl.Open(fmt.Sprintf("redis+sentinel://%s?master_name=m&addr=%s", chosen.listener.Addr(), other.listener.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err != nil || chosen.asked.Load() == 0 {
		t.Fatalf("at first: %v, the sentinel was asked %d times", err, chosen.asked.Load())
	}
	chosen.hangs.Store(true)
	server.Restart(t)
	for deadline := time.Now().Add(20 * time.Second); ; {
		err := client.Ping(t.Context()).Err()
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the master is not found: %v", err)
		}
	}
	if other.asked.Load() == 0 {
		t.Error("the other sentinel was not asked")
	}
}
