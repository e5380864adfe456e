package cmd

import (
	"maps"
	"strings"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/capture"
)

// variableOptions name the files that give {{variables}} their values.
type variableOptions struct {
	environments []string
	hidden       map[string]bool // variables that are declared to be secrets, once the files are read
}

func (o *variableOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.environments, "environment", nil,
		"Values of {{variables}}, as FILE or FILE:NAME")
}

// variables reads the files in their order.
func (o *variableOptions) variables() (map[string]string, error) {
	values := map[string]string{}
	o.hidden = map[string]bool{}
	for _, word := range o.environments {
		read, err := o.read(word)
		if err != nil {
			return nil, err
		}
		maps.Copy(values, read)
	}
	return values, nil
}

// maxEnvironment bounds what is read of a file of variables.
const maxEnvironment = 8 << 20

const environmentHint = "use a Postman environment or globals, http-client.env.json, REST Client settings, a JSON object of strings, or NAME=value lines"

func (o *variableOptions) read(word string) (map[string]string, error) {
	file, name := splitEnvironment(word)
	content, err := readFile(file, maxEnvironment)
	if err != nil {
		hint := environmentHint
		if file == "test" || file == "live" || file == "local" {
			hint = "did you mean: --env " + file + "?"
		}
		return nil, usage(hint, "--environment %s: %w", file, err)
	}
	values, err := capture.ParseEnvironment(content, name)
	if err != nil {
		return nil, usage(environmentHint, "--environment %s: %w", file, err)
	}
	maps.Copy(o.hidden, capture.HiddenVariables(content))
	return values, nil
}

// splitEnvironment parts FILE:NAME. A file whose own name has a colon goes before,
// a drive's letter is no file.
func splitEnvironment(word string) (file, name string) {
	i := strings.LastIndexByte(word, ':')
	if i < 0 || exists(word) || !exists(word[:i]) {
		return word, ""
	}
	return word[:i], word[i+1:]
}
