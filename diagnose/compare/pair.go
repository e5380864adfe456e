package compare

import (
	"slices"

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
		same := sameCall(&failed[i])
		for _, j := range lastFirst(worked, false) {
			if !worked[j].Failed() && same(&worked[j]) {
				return i, j
			}
		}
	}
	f = lastFirst(failed, true)[0]
	same := sameCall(&failed[f])
	for _, j := range lastFirst(worked, false) {
		if same(&worked[j]) && failed[f].Exchange != worked[j].Exchange {
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

// sameCall returns a test whether an exchange is a call of the same operation as
// f, as far as their captures show. A path that no route has counts as the nearest
// route's, which is looked for once.
func sameCall(f *diagnose.Diagnosis) func(w *diagnose.Diagnosis) bool {
	var near []api.Near
	r := f.Exchange.Request
	shown := r != nil && r.URL.Path != ""
	if f.OperationID() == "" && shown {
		near = f.Meant.Near
	}
	return func(w *diagnose.Diagnosis) bool {
		if f.OperationID() != "" || w.OperationID() == "" {
			return f.OperationID() == w.OperationID()
		}
		// What the capture does not show may be the same.
		return !shown || slices.ContainsFunc(near, func(n api.Near) bool { return n.Route.ID == w.OperationID() })
	}
}
