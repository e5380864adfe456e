// Command immersve-doctor diagnoses failed exchanges with the Immersve API.
package main

import (
	"context"
	"os"

	"immersve-doctor/cmd"
)

func main() {
	os.Exit(cmd.Run(context.Background(), os.Args[1:], cmd.System()))
}
