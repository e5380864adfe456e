package cmd

import "runtime/debug"

// memoryLimit makes the collector work harder before memory grows past what a
// small container has. It is a wish: nothing fails above it.
const memoryLimit = 44 << 20

// boundMemory is called before anything of others is read.
func boundMemory() { debug.SetMemoryLimit(memoryLimit) }
