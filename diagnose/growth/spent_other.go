//go:build !unix

package growth

import "time"

// spent is the time of the clock, where there is no better one.
func spent() time.Duration { return time.Duration(time.Now().UnixNano()) }
