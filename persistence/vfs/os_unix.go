//go:build unix

package vfs

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// noFollow makes opening fail when the last element of the path is a symbolic link.
const noFollow = unix.O_NOFOLLOW

// chmodUnsupported says that file modes mean nothing here.
const chmodUnsupported = false

var noSpaceErrnos = []error{syscall.EDQUOT}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
