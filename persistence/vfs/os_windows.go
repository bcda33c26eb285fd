//go:build windows

package vfs

import "golang.org/x/sys/windows"

// noFollow has no counterpart in the flags that os.OpenFile knows here.
const noFollow = 0

// chmodUnsupported says that file modes mean nothing here: access is inherited from the directory.
const chmodUnsupported = true

var noSpaceErrnos = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}

// syncDir does nothing: NTFS journals names, and a directory handle cannot be flushed.
func syncDir(string) error { return nil }
