package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Bounds of the files that flags name, in bytes: a device, a pipe or a film given
// by mistake must not fill the memory.
const (
	maxConfig      = 1 << 20
	maxSecret      = 64 << 10
	maxBody        = 64 << 20
	maxCertificate = 8 << 20
)

// readFile reads a file of at most limit bytes. Its errors do not repeat the name.
func readFile(name string, limit int64) (content []byte, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, plainCause(err)
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, plainCause(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	content, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, plainCause(err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("it's larger than %s", byteSize(limit))
	}
	return content, nil
}
