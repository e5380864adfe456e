package main

import (
	"bytes"
	"os"
	"testing"
)

// What is checked in is what the pages say.
func TestPagesAreGenerated(t *testing.T) {
	want, err := render("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../pages_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("pages_gen.go is not what the pages say; run: go generate ./...")
	}
}

func TestFindingsAreGenerated(t *testing.T) {
	want, err := renderFindings("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../" + findingsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("diagnose/finding/finding_gen.go is not what the pages say; run: go generate ./...")
	}
}
