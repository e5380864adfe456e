package cmd

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// NewRoot shows the tests of the whole command line its tree.
func NewRoot(env Environment) *cobra.Command { return newRoot(env) }

// ValueName is what help calls a flag's value.
var ValueName = valueName

// ProgressLine is what scan shows while it reads.
var ProgressLine = progressLine

// NewRelay is the handler of proxy.
var NewRelay = newRelay

// EditTOML changes a setting of the config file.
var EditTOML = editTOML

// Interruptible is how commands read what may have to wait.
func Interruptible(ctx context.Context, r io.Reader) io.Reader { return interruptible{ctx, r} }
