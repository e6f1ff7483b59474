package main

import (
	"os"
	"syscall"
)

// peak returns how many bytes a process had in memory at most.
func peak(p *os.ProcessState) int64 {
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}
