//go:build race

package main

// raceDetector says that this test runs with -race.
const raceDetector = true
