package provision

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
)

// TestBudget_Order wants what is free to go to those who wait, in their order:
// small requests do not keep a large one waiting for ever.
func TestBudget_Order(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget{free: 10}
		var order []string
		var mu sync.Mutex
		take := func(name string, bytes int64) {
			go func() {
				if err := b.take(context.Background(), bytes); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
			}()
			synctest.Wait()
		}
		take("first", 6)
		take("all", 10)
		take("small", 1)
		if got := strings.Join(order, " "); got != "first" {
			t.Errorf("went ahead: %s", got)
		}
		b.give(6)
		synctest.Wait()
		if got := strings.Join(order, " "); got != "first all" {
			t.Errorf("went ahead: %s", got)
		}
		b.give(10)
		synctest.Wait()
		if got := strings.Join(order, " "); got != "first all small" || b.free != 9 {
			t.Errorf("went ahead: %s; %d are free", got, b.free)
		}
	})
}

// TestBudget_GivenUp wants nothing lost where somebody waits no longer.
func TestBudget_GivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget{free: 10}
		if err := b.take(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		behind := make(chan error)
		go func() {
			time.Sleep(time.Millisecond)
			behind <- b.take(context.Background(), 4) // which is free once nobody waits before it
		}()
		if err := b.take(ctx, 10); err == nil {
			t.Error("took what was not free")
		}
		if err := <-behind; err != nil || b.free != 0 || len(b.waiting) != 0 {
			t.Errorf("%v; %d are free, %d wait", err, b.free, len(b.waiting))
		}
	})
}

// slowRegistry counts the scenes that are worked on at once.
type slowRegistry struct {
	fakeRegistry
	at, most atomic.Int64
	begun    chan struct{}
	release  chan struct{}
}

func (r *slowRegistry) Apply(context.Context, []record.Record) error {
	at := r.at.Add(1)
	defer r.at.Add(-1)
	for most := r.most.Load(); at > most && !r.most.CompareAndSwap(most, at); most = r.most.Load() {
	}
	r.begun <- struct{}{}
	<-r.release
	return nil
}

// TestCreateScene_Crowd sends large scenes at once: one is worked on, and who
// waits too long is told so. Small ones are worked on together.
func TestCreateScene_Crowd(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		size, together, refused int
	}{"large": {maxBody - 100, 1, 9}, "small": {100, 10, 0}, "half": {maxBody/2 - 100, 2, 8}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				registry := &slowRegistry{begun: make(chan struct{}, 10), release: make(chan struct{})}
				handler := New(registry, slog.New(slog.DiscardHandler), time.Now)
				body := `{"users":[` + strings.Repeat(" ", row.size) + `]}`
				responses := make(chan *httptest.ResponseRecorder, 10)
				for range 10 {
					go func() {
						sent := strings.NewReader(body)
						r := httptest.NewRequest("POST", "/scenes", sent)
						r.Header.Set("Content-Type", "application/json")
						w := httptest.NewRecorder()
						if handler.ServeHTTP(w, r); sent.Len() > 0 {
							t.Errorf("%d with %d bytes of the body unread: their sender would not see it", w.Code, sent.Len())
						}
						responses <- w
					}()
				}
				for range row.together {
					<-registry.begun
				}
				for range row.refused {
					w := <-responses
					if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "busy") {
						t.Errorf("%d %s", w.Code, w.Body)
					}
				}
				close(registry.release)
				for range 10 - row.refused {
					if w := <-responses; w.Code != http.StatusCreated {
						t.Errorf("%d %s", w.Code, w.Body)
					}
				}
				if most := registry.most.Load(); most != int64(row.together) {
					t.Errorf("%d were worked on at once, want %d", most, row.together)
				}
			})
		})
	}
}

// TestCreateScene_TooLarge wants the response for a body whose length says that
// it is too large, without any of it kept.
func TestCreateScene_TooLarge(t *testing.T) {
	t.Parallel()
	handler := New(&fakeRegistry{}, slog.New(slog.DiscardHandler), time.Now)
	for name, length := range map[string]int64{"announced": maxBody + 1, "not announced": -1} {
		r := httptest.NewRequest("POST", "/scenes", io.LimitReader(blanks{}, maxBody+1))
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = length
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "split it") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
