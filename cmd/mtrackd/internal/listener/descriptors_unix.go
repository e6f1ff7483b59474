//go:build unix

package listener

import "syscall"

// descriptors returns how many files this process may have open. The Go
// runtime has raised it to the most that it may set itself.
func descriptors() (limit uint64, known bool) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, false
	}
	return uint64(l.Cur), true
}
