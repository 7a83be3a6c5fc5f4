//go:build !race

package simulate_test

// raceDetector says that these tests run with -race.
const raceDetector = false
