package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Linux has counted in hundredths of a second, for those who read /proc, on all machines of the last decades.
const ticks = 100

// cpuSeconds is what a process took so far, all its threads together; 0 where the system does not tell.
func cpuSeconds(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // the name before may hold spaces
	user, _ := strconv.ParseFloat(string(fields[11]), 64)
	system, _ := strconv.ParseFloat(string(fields[12]), 64)
	return (user + system) / ticks
}
