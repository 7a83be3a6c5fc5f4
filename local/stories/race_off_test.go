//go:build !race

package stories_test

// raceDetector says that these tests run with -race.
const raceDetector = false
