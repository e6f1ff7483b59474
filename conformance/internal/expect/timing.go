package expect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// How times are compared: a few rounds look for a class that may differ, more rounds have to show
// it with little doubt, and the same again on another scene. Noise passes, since it favours no
// class.
const (
	timingScout   = 6
	timingRounds  = 18
	timingConfirm = 14
	// timingFloor is the smallest difference that counts.
	timingFloor = 4 * time.Millisecond
	// timingScore is how many standard deviations the rank sum has to be off, which by chance it is
	// once in some ten thousand.
	timingScore  = 3.9
	timingBudget = 3 * time.Second
)

// SameTime sends the requests of all classes by turns, and fails if the responses of one class take
// longer or shorter than those of the first. It calls probesOf to prepare a scene and its probes,
// and once more to confirm a difference.
func SameTime(ctx context.Context, c *suite.Client, probesOf func(context.Context) ([]Probe, error)) error {
	probes, err := probesOf(ctx)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(timingBudget)
	scout, err := measure(ctx, c, probes, timingScout, deadline)
	if err != nil {
		return err
	}
	suspects := scout.apart(2.2, timingFloor/2)
	if len(suspects) == 0 {
		return nil
	}
	suspected := []Probe{probes[0]}
	for _, i := range suspects {
		suspected = append(suspected, probes[i])
	}
	shown, err := measure(ctx, c, suspected, timingRounds, deadline)
	if err != nil || len(shown.apart(timingScore, timingFloor)) == 0 {
		return err
	}
	i := shown.apart(timingScore, timingFloor)[0]
	class := suspected[i].Class
	if probes, err = probesOf(ctx); err != nil {
		return err
	}
	again := slices.DeleteFunc(slices.Clone(probes[1:]), func(p Probe) bool { return p.Class != class })
	confirmed, err := measure(ctx, c, append([]Probe{probes[0]}, again...), timingConfirm, deadline.Add(timingBudget))
	if err != nil || len(confirmed.apart(timingScore, timingFloor)) == 0 {
		return err
	}
	middle := func(i int) time.Duration { return median(shown.times[i]).Round(100 * time.Microsecond) }
	return suite.Fail("404s that take the same time whatever the reason",
		fmt.Sprintf("%v where the track is %s, and %v where it is %s (medians; confirmed on a second scene)",
			middle(0), probes[0].Class, middle(i), class),
		shown.last[0], shown.last[i])
}

// measurement holds the times of each class.
type measurement struct {
	times [][]time.Duration
	last  []*wire.Exchange
}

// measure sends a request of every class in every round, in a new order each time, and stops early
// when the deadline passes.
func measure(
	ctx context.Context, c *suite.Client, probes []Probe, rounds int, deadline time.Time,
) (*measurement, error) {
	m := &measurement{times: make([][]time.Duration, len(probes)), last: make([]*wire.Exchange, len(probes))}
	order := rand.New(rand.NewPCG(c.Rand().Uint64(), 1))
	for round := range rounds {
		if time.Now().After(deadline) {
			break
		}
		for _, i := range order.Perm(len(probes)) {
			x, err := c.Do(ctx, probes[i].Requests[round%len(probes[i].Requests)])
			if err != nil {
				return nil, err
			}
			m.times[i] = append(m.times[i], x.TimeToFirstByte)
			m.last[i] = x.Excerpt()
		}
	}
	return m, nil
}

// apart returns the classes whose times differ from those of the first, by score and by at least
// floor.
func (m *measurement) apart(score float64, floor time.Duration) []int {
	var found []int
	for i := 1; i < len(m.times); i++ {
		if math.Abs(rankScore(m.times[0], m.times[i])) >= score && shift(m.times[0], m.times[i]).Abs() >= floor {
			found = append(found, i)
		}
	}
	return found
}

// rankScore is the Mann-Whitney statistic of two samples, in standard deviations: how clearly one
// has the larger values, whatever their distribution. It is 0 for samples that are too small to
// say.
func rankScore(a, b []time.Duration) float64 {
	n, m := float64(len(a)), float64(len(b))
	if n < 5 || m < 5 {
		return 0
	}
	var u float64
	for _, x := range a {
		for _, y := range b {
			switch cmp.Compare(x, y) {
			case -1:
				u++
			case 0:
				u += 0.5
			}
		}
	}
	return (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
}

// shift is the median of all differences between two samples, which a few outliers do not move.
func shift(a, b []time.Duration) time.Duration {
	var differences []time.Duration
	for _, x := range a {
		for _, y := range b {
			differences = append(differences, y-x)
		}
	}
	return median(differences)
}

func median(values []time.Duration) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
