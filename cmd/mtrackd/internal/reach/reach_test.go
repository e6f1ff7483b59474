package reach_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/reach"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// TestMain silences the client library.
func TestMain(m *testing.M) {
	redisurl.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// unfinished is a server that answers the store's question as it is told to.
type unfinished struct {
	listener   net.Listener
	reply      func() string
	unfriendly bool // the greeting gets the same answer
}

// greeting is what it answers before: by those commands clients introduce
// themselves.
var greeting = map[string]string{"hello": "-ERR unknown command", "auth": "+OK"}

func newUnfinished(t *testing.T, reply func() string) *unfinished {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &unfinished{listener: listener, reply: reply}
	t.Cleanup(func() { listener.Close() })
	go u.accept()
	return u
}

func (u *unfinished) accept() {
	for {
		conn, err := u.listener.Accept()
		if err != nil {
			return
		}
		go u.serve(conn)
	}
}

// serve reads commands: arrays of strings, each with its length before it.
func (u *unfinished) serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for {
		var words int
		if _, err := fmt.Fscanf(lines, "*%d\r\n", &words); err != nil {
			return
		}
		var name string
		for n := range 2 * words {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if n == 1 {
				name = strings.ToLower(strings.TrimSpace(line))
			}
		}
		reply, greets := greeting[name]
		if !greets || u.unfriendly {
			reply = u.reply()
		}
		if _, err := io.WriteString(conn, reply+"\r\n"); err != nil {
			return
		}
	}
}

func (u *unfinished) redis(t *testing.T) reach.Redis {
	t.Helper()
	url := "redis://:secret@" + u.listener.Addr().String()
	client, err := redisurl.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return reach.Redis{Client: client, URL: url}
}

// TestWait_Loads waits for a Redis that loads its data.
func TestWait_Loads(t *testing.T) {
	t.Parallel()
	var questions atomic.Int32
	u := newUnfinished(t, func() string {
		switch n := questions.Add(1); {
		case n < 10:
			return "-LOADING Redis is loading the dataset in memory"
		default:
			return ":0"
		}
	})
	var told []string
	r := u.redis(t)
	if err := r.Wait(t.Context(), time.Minute, func(reason error) { told = append(told, reason.Error()) }); err != nil {
		t.Error(err)
	}
	if len(told) == 0 || !strings.Contains(told[0], "LOADING") || strings.Contains(told[0], "secret") {
		t.Errorf("told %q", told)
	}
	if len(told) > 3 {
		t.Errorf("told %d times within a second or two", len(told))
	}
}

// TestWait_Appears waits for a Redis that is not there at first.
func TestWait_Appears(t *testing.T) {
	t.Parallel()
	free := newUnfinished(t, nil)
	address := free.listener.Addr().String()
	free.listener.Close()
	r := free.redis(t)
	err := r.Wait(t.Context(), time.Minute, func(reason error) {
		if !strings.Contains(reason.Error(), "cannot be reached") {
			t.Errorf("told %v", reason)
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { listener.Close() })
		go (&unfinished{listener: listener, reply: func() string { return ":0" }}).accept()
	})
	if err != nil {
		t.Error(err)
	}
}

// TestWait_InVain: what waiting does not change is said at once, and what it
// might is said when the patience is over, or at once where there is none.
func TestWait_InVain(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		reply    string
		patience time.Duration
		tells    bool
		want     string
	}{
		{"-WRONGPASS invalid username-password pair", time.Hour, false, "refuses the password"},
		{"-NOAUTH Authentication required.", time.Hour, false, "password"},
		{"HTTP/1.1 400 Bad Request", time.Hour, false, "not a Redis"},
		{"-LOADING Redis is loading", 0, false, "not ready"},
		{"-LOADING Redis is loading", 150 * time.Millisecond, true, "waited 150ms: the Redis at redis://:xxxxx@"},
	} {
		t.Run(row.reply, func(t *testing.T) {
			t.Parallel()
			told := 0
			u := newUnfinished(t, func() string { return row.reply })
			u.unfriendly = !strings.Contains(row.reply, "LOADING")
			err := u.redis(t).Wait(t.Context(), row.patience, func(error) { told++ })
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want something about %q", err, row.want)
			}
			if (told > 0) != row.tells {
				t.Errorf("told %d times", told)
			}
		})
	}
}

// TestWait_Interrupted ends the wait.
func TestWait_Interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := newUnfinished(t, func() string { return "-LOADING soon" }).redis(t)
	if err := r.Wait(ctx, time.Hour, func(error) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
