package compare

import (
	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
)

// Pair chooses the two exchanges to compare where captures hold several: the
// last that failed of the one, and of the other the last of the same operation
// that worked. Where no operation occurs in both it takes the last that failed
// and the last that worked. Both lists hold at least one.
func Pair(failed, worked []diagnose.Diagnosis) (f, w int) {
	for _, i := range lastFirst(failed, true) {
		if !failed[i].Failed() {
			break
		}
		for _, j := range lastFirst(worked, false) {
			if sameCall(&failed[i], &worked[j]) && !worked[j].Failed() {
				return i, j
			}
		}
	}
	f = lastFirst(failed, true)[0]
	for _, j := range lastFirst(worked, false) {
		if sameCall(&failed[f], &worked[j]) && failed[f].Exchange != worked[j].Exchange {
			return f, j
		}
	}
	return f, lastFirst(worked, false)[0]
}

// lastFirst returns the indices of the exchanges from the last to the first,
// those that failed (or did not) before the others.
func lastFirst(list []diagnose.Diagnosis, failing bool) []int {
	var wanted, others []int
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Failed() == failing {
			wanted = append(wanted, i)
		} else {
			others = append(others, i)
		}
	}
	return append(wanted, others...)
}

// sameCall reports whether two exchanges are calls of one operation, as far as
// their captures show. A path that no route has counts as the nearest route's.
func sameCall(f, w *diagnose.Diagnosis) bool {
	if f.OperationID() != "" || w.OperationID() == "" {
		return f.OperationID() == w.OperationID()
	}
	r := f.Exchange.Request
	if r == nil || r.URL.Path == "" {
		return true // it may be the same: the capture does not show it
	}
	for _, near := range api.Nearest(string(r.Method), r.URL.PathSegments()) {
		if near.Route.ID == w.OperationID() {
			return true
		}
	}
	return false
}
