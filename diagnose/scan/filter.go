package scan

import "immersve-doctor/diagnose"

// Filter says which exchanges are counted; its zero value takes all.
type Filter struct {
	Since, Until int64 // nanoseconds since 1970, until is excluded; 0 for no bound
	Operation    string
	Statuses     []StatusRange
	Code         string
}

// StatusRange is statuses from Low to High, both included.
type StatusRange struct{ Low, High int }

// admits reports whether an exchange is counted. One whose time is not known is
// in no interval.
func (f *Filter) admits(when int64, status int, lead *diagnose.Lead) bool {
	switch {
	case f.Since != 0 && when < f.Since, f.Until != 0 && (when == 0 || when >= f.Until):
		return false
	case f.Operation != "" && lead.Operation != f.Operation, f.Code != "" && lead.Code != f.Code:
		return false
	}
	if len(f.Statuses) == 0 {
		return true
	}
	for _, r := range f.Statuses {
		if r.Low <= status && status <= r.High {
			return true
		}
	}
	return false
}
