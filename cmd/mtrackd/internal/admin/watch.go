package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/health"
)

// WatchEvery is how often a [Watch] looks.
const WatchEvery = time.Minute

// lookMax bounds one look.
const lookMax = 5 * time.Second

// Watch looks at how Redis is set up, when it is told to and then again and again,
// and tells the log and the metrics what may be lost that was acknowledged. The
// log is told of each thing once, until it changes.
type Watch struct {
	client   redis.UniversalClient
	replicas int
	logger   *slog.Logger
	risk     *prometheus.GaugeVec

	told map[string]health.Finding // risks and notes that hold, by setting and server
	dumb map[health.Unknown]bool   // what is not told, and was said to be
	err  string                    // why the last look failed
}

// NewWatch returns a watch over the Redis of a client, which stays the caller's
// to close. Replicas is how many replicas deletes wait for.
func NewWatch(client redis.UniversalClient, replicas int, logger *slog.Logger) *Watch {
	return &Watch{
		client: client, replicas: replicas, logger: logger,
		risk: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "mtrack_redis_durability_risk",
			Help: "1 where Redis may lose what it acknowledged because of this setting, 0 where not; none where it does not tell.",
		}, []string{"setting"}),
		told: make(map[string]health.Finding), dumb: make(map[health.Unknown]bool),
	}
}

// Collector is the metrics of the watch.
func (w *Watch) Collector() prometheus.Collector { return w.risk }

// Look looks once. Its error says what has to change before nothing that was
// acknowledged is at risk, or that it cannot be found out.
func (w *Watch) Look(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, lookMax)
	defer cancel()
	report, err := health.Inspect(bounded, w.client, w.replicas)
	if ctx.Err() != nil {
		return ctx.Err() // interrupted: that says nothing about Redis
	}
	for i := range report.Risks {
		if f := &report.Risks[i]; f.Setting == health.Replicas && w.replicas == 0 {
			f.Fix = "start mtrackd with --replicas 1, and CONFIG SET min-replicas-to-write 1 on the master"
		}
	}
	w.tell(report, err)
	w.count(report, err)
	if err != nil {
		return fmt.Errorf("it cannot be found out how Redis is set up: %w; see that it is up and lets this user run INFO", err)
	}
	if len(report.Risks) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString("Redis is set up to lose what it acknowledged:")
	for _, f := range report.Risks {
		text.WriteString("\n  " + f.String())
	}
	return errors.New(text.String())
}

// tell logs what is new.
func (w *Watch) tell(report health.Report, err error) {
	now := make(map[string]health.Finding)
	log := func(level slog.Level, message string, findings []health.Finding) {
		for _, f := range findings {
			key := f.Setting + " " + f.Server
			now[key] = f
			if w.told[key] != f {
				w.logger.Log(context.Background(), level, message, "setting", f.Setting, "server", f.Server, "value", f.Value, "cost", f.Cost, "fix", f.Fix)
			}
		}
	}
	log(slog.LevelWarn, "redis may lose what it acknowledged", report.Risks)
	log(slog.LevelInfo, "redis keeps what it acknowledged, within limits", report.Notes)
	if err == nil { // otherwise what was not seen may still hold
		for key, f := range w.told {
			if _, holds := now[key]; !holds {
				w.logger.Info("redis was set up anew: this no longer costs anything", "setting", f.Setting, "server", f.Server)
			}
		}
		w.told = now
	}
	for _, u := range report.Unknown {
		if !w.dumb[u] {
			w.dumb[u] = true
			w.logger.Info("redis does not tell a setting: see to it yourself that it loses nothing", "setting", u.Setting, "server", u.Server)
		}
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != w.err {
		w.logger.Warn("it cannot be found out how redis is set up", "error", text)
	}
	w.err = text
}

// count sets the metrics. After a look that failed only what was found counts.
func (w *Watch) count(report health.Report, err error) {
	if err == nil {
		for _, setting := range health.Settings() {
			w.risk.WithLabelValues(setting).Set(0)
		}
		for _, u := range report.Unknown {
			w.risk.DeleteLabelValues(u.Setting)
		}
	}
	for _, f := range report.Risks {
		w.risk.WithLabelValues(f.Setting).Set(1)
	}
}

// Start goes on looking, after each period, until stop is called.
func (w *Watch) Start(every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				w.Look(ctx) // whom it concerns is told
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}
