package compare

import (
	"slices"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
)

// Pair returns the two exchanges to compare if the inputs have several: the last one
// that failed, and the last one of the same operation that worked. If no operation is
// in both inputs, it returns the last failure and the last success. Both lists must
// have at least one exchange.
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

// lastFirst returns the indices of the exchanges from last to first, with those that
// failed (or didn't) before the others.
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

// sameCall returns a function that reports whether an exchange calls the same
// operation as f, as far as the inputs show. An unknown path counts as its nearest
// route's, which is determined once.
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
		// What the input doesn't show may be the same.
		return !shown || slices.ContainsFunc(near, func(n api.Near) bool { return n.Route.ID == w.OperationID() })
	}
}
