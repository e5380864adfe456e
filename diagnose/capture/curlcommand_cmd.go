package capture

func (p *paste) windows(c call, words func(text string) (list []string, end int, err error)) {
	p.posix(c.start, c.prompted)
}

func cmdWords(text string) ([]string, int, error) { return nil, 0, nil }

func (p *paste) powerShellWords(text string) ([]string, int, error) { return nil, 0, nil }
