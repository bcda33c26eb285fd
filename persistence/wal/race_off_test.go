//go:build !race

package wal_test

// slower is by how much exhaustive tests are thinned out.
const slower = 1
