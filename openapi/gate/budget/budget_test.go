package budget_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
)

func TestLimit_Of(t *testing.T) {
	t.Parallel()
	if got := (budget.Limit{}).Of(5 << 10); got.Time != 10*time.Second || got.Memory != budget.DefaultMemory {
		t.Errorf("got %+v", got)
	}
	if got := (budget.Limit{}).Of(3 << 20); got.Time != 40*time.Second {
		t.Errorf("got %+v", got)
	}
	if got := (budget.Limit{Time: time.Second, Memory: 5}).Of(3 << 20); got.Time != time.Second || got.Memory != 5 {
		t.Errorf("got %+v", got)
	}
}

func TestLimit_Run(t *testing.T) {
	for name, test := range map[string]struct {
		limit budget.Limit
		work  func(stop <-chan struct{})
		want  string
	}{
		"done":   {budget.Limit{Time: time.Hour}.Of(0), func(<-chan struct{}) {}, ""},
		"late":   {budget.Limit{Time: time.Millisecond}.Of(0), func(stop <-chan struct{}) { <-stop }, "longer than 1ms"},
		"memory": {budget.Limit{Time: time.Hour, Memory: 64 << 20}, grow, "more than 64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			stop := make(chan struct{})
			defer close(stop)
			err := test.limit.Run(t.Context(), func() { test.work(stop) })
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var exceeded *budget.ExceededError
			if !errors.As(err, &exceeded) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stop := make(chan struct{})
	defer close(stop)
	if err := (budget.Limit{}).Of(0).Run(ctx, func() { <-stop }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// grow takes more and more memory until it is stopped, but never too much for a test.
func grow(stop <-chan struct{}) {
	var all [][]byte
	for len(all) < 256 {
		all = append(all, make([]byte, 1<<20))
	}
	runtime.GC()
	<-stop
	runtime.KeepAlive(all)
}
