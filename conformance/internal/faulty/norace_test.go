//go:build !race

package faulty

// raceDetector is set where every step takes many times as long.
const raceDetector = false
