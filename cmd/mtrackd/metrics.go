package main

import (
	"net/http"
	"runtime"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/build"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/listener"
	"github.com/seed-5ec2a705/mtrack/impl/httpapi"
)

// metrics counts what one server does, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	kinds    sync.Map // kind → counters, for those that have been seen
}

// newMetrics returns metrics in which nothing has happened yet.
func newMetrics(b build.Info) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mtrack_http_requests_total",
			Help: "Requests answered, by method, route and status.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mtrack_http_request_duration_seconds",
			Help: "Time from the head of a request to the end of its answer, by method and route.",
			// One round trip to Redis takes a fraction of a millisecond, the
			// request timeout is seconds.
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
	}
	info := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mtrack_build_info",
		Help: "Always 1; the labels tell what runs.",
		ConstLabels: prometheus.Labels{
			"version": b.Version, "commit": b.Commit, "goversion": runtime.Version(),
		},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.requests, m.duration, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// kind is what requests are counted by.
type kind struct {
	method, route string
	status        int
}

// counters are those of one kind of requests.
type counters struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

// observe counts one request. It may be called concurrently.
func (m *metrics) observe(o httpapi.Observation) {
	k := kind{methodLabel(o.Method), o.Route, o.Status}
	known, ok := m.kinds.Load(k)
	if !ok { // there are as many as there are label values
		known, _ = m.kinds.LoadOrStore(k, counters{
			m.requests.WithLabelValues(k.method, k.route, strconv.Itoa(k.status)),
			m.duration.WithLabelValues(k.method, k.route),
		})
	}
	c := known.(counters)
	c.requests.Inc()
	c.duration.Observe(o.Duration.Seconds())
}

// methodLabel keeps callers from filling the registry with methods of their
// own making.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	default:
		return "other"
	}
}

// watchPool adds the connection pool of a Redis client.
func (m *metrics) watchPool(stats func() *redis.PoolStats) {
	for _, p := range []struct {
		name, help string
		counter    bool
		value      func(*redis.PoolStats) uint32
	}{
		{"hits_total", "Times a free connection was found.", true, func(s *redis.PoolStats) uint32 { return s.Hits }},
		{"misses_total", "Times no free connection was found.", true, func(s *redis.PoolStats) uint32 { return s.Misses }},
		{"timeouts_total", "Times waiting for a connection took too long.", true, func(s *redis.PoolStats) uint32 { return s.Timeouts }},
		{"stale_total", "Connections removed because they were stale.", true, func(s *redis.PoolStats) uint32 { return s.StaleConns }},
		{"connections", "Connections open now.", false, func(s *redis.PoolStats) uint32 { return s.TotalConns }},
		{"idle_connections", "Connections open now that nobody uses.", false, func(s *redis.PoolStats) uint32 { return s.IdleConns }},
	} {
		name, read := "mtrack_redis_pool_"+p.name, func() float64 { return float64(p.value(stats())) }
		if p.counter {
			m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: p.help}, read))
		} else {
			m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: p.help}, read))
		}
	}
}

// connectionMetrics are those of watchConnections.
type connectionMetrics struct {
	listeners  *listener.Group
	open, most *prometheus.Desc
}

// watchConnections adds the connections of the listeners.
func (m *metrics) watchConnections(listeners *listener.Group) {
	m.registry.MustRegister(connectionMetrics{
		listeners: listeners,
		open:      prometheus.NewDesc("mtrack_http_connections", "Connections open now, by listener.", []string{"listener"}, nil),
		most:      prometheus.NewDesc("mtrack_http_connections_max", "Connections that may be open at once; further ones wait.", []string{"listener"}, nil),
	})
}

// Describe implements [prometheus.Collector].
func (m connectionMetrics) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- m.open
	descriptions <- m.most
}

// Collect implements [prometheus.Collector].
func (m connectionMetrics) Collect(values chan<- prometheus.Metric) {
	m.listeners.Connections(func(name string, open, most int) {
		values <- prometheus.MustNewConstMetric(m.open, prometheus.GaugeValue, float64(open), name)
		values <- prometheus.MustNewConstMetric(m.most, prometheus.GaugeValue, float64(most), name)
	})
}

// handler serves the metrics in Prometheus's format.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
