//go:build race

package persistence_test

// slower is by how much exhaustive tests are thinned out: the race detector costs that much.
const slower = 7
