package wire

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter is how long to wait after a 429 response: what its Retry-After says in seconds or as a
// date, and otherwise a delay that doubles from 0.2 to 2 seconds.
func RetryAfter(e *Exchange, retries int) time.Duration {
	value := e.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Until(at), 100*time.Millisecond)
	}
	return min(200*time.Millisecond<<min(retries, 10), 2*time.Second)
}
