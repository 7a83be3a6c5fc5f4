//go:build race

package stories_test

// raceDetector says that these tests run with -race, which makes them several times slower: they take a smaller sample.
const raceDetector = true
