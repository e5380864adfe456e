package scan

import (
	"bytes"

	"immersve-doctor/diagnose/api"
)

// isStranger reports whether an entry of a HAR has nothing to do with the API:
// its host is neither the API's nor this machine, and its path is no documented
// one. A browser saves everything, fonts and trackers too. One entry is judged
// by itself and not by those beside it, so that totals add up.
func (l *lane) isStranger(e *entry) bool {
	if l.scanner.options.Strangers {
		return false
	}
	host := hostOf(e)
	if len(host) == 0 {
		return false
	}
	ours, known := l.hosts[string(host)]
	if !known {
		ours = api.FindHost(string(host)).Ours()
		if len(l.hosts) >= maxCached {
			clear(l.hosts)
		}
		l.hosts[string(host)] = ours
	}
	return !ours && l.scanner.routes.find(e.method, e.path()) == 0
}

// hostOf is the name of the host that an entry's target has, without port.
func hostOf(e *entry) []byte {
	host := e.host
	if _, after, ok := bytes.Cut(e.target, []byte("://")); ok {
		host = after
		if i := bytes.IndexAny(host, "/?#"); i >= 0 {
			host = host[:i]
		}
		host = host[bytes.LastIndexByte(host, '@')+1:]
	}
	if i := bytes.LastIndexByte(host, ':'); i >= 0 && bytes.IndexByte(host[i:], ']') < 0 {
		host = host[:i]
	}
	return host
}
