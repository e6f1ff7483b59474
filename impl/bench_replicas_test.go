package impl_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
)

// BenchmarkDeleteReplicas measures what it costs to wait for a replica: deletes per second of a
// server that does and of one that does not, in turns, on one Redis with one replica on the loopback
// interface.
func BenchmarkDeleteReplicas(b *testing.B) {
	server := redistest.Own(b)
	server.Replica(b)
	world := newBenchWorld(b, server.Registry(b))
	transport := &http.Transport{MaxIdleConnsPerHost: benchConnections, MaxConnsPerHost: benchConnections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var origins [2]string // by the number of replicas
	for replicas := range origins {
		api := httptest.NewServer(impl.New(server.Store(b, redisstore.WithReplicas(replicas))))
		defer api.Close()
		origins[replicas] = api.URL
		world.round(b, client, api.URL, benchDeletes/8) // connections and scripts in place
	}
	var rates [2][]float64
	var ratios []float64
	for n := range b.N {
		var now [2]float64
		for turn := range now {
			replicas := (n + turn) % 2 // who goes first changes
			now[replicas] = world.round(b, client, origins[replicas], benchDeletes)
			rates[replicas] = append(rates[replicas], now[replicas])
		}
		ratios = append(ratios, now[1]/now[0])
	}
	b.ReportMetric(median(rates[1]), "deletes/s")
	b.ReportMetric(median(rates[0]), "unconfirmed-deletes/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op") // of a round with its preparation: nobody's question
}
