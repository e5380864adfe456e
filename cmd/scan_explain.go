package cmd

import "immersve-doctor/diagnose/scan"

func (o *scanOptions) explain(options scan.Options, names []string) error { return nil }
