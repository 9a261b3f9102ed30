//go:build unix && !linux

package child

import (
	"os"
	"syscall"
)

func executable() (string, error) { return os.Executable() }

func adoptOrphans() {}

func dieWithParent(*syscall.SysProcAttr) {}

func dup(from, to int) error { return syscall.Dup2(from, to) }

func descendants(int) []int { return nil }
