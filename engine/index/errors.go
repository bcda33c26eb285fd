package index

import "github.com/worktable-go/worktable/engine/sqlerr"

func errKeyLen(int) error { return sqlerr.New(sqlerr.TooLongKey, MaxKeyLen) }

func errUnordered() error {
	return sqlerr.New(sqlerr.Internal, "index: entries to load are not in ascending order")
}

func errHashRange() error {
	return sqlerr.New(sqlerr.Internal, "index: a hash has no order to scan by")
}
