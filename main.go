// Command immersve-doctor diagnoses failed exchanges with the Immersve API.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"immersve-doctor/cmd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cmd.Run(ctx, os.Args[1:], cmd.System())
	stop()
	os.Exit(code)
}
