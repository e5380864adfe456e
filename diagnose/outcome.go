package diagnose

import "immersve-doctor/diagnose/exchange"

// Outcome says what became of an exchange that was sent again.
type Outcome string

// The outcomes.
const (
	Fixed   Outcome = "FIXED"   // failed before, 2xx now
	Same    Outcome = "SAME"    // the same answer: status and errorCode, or the same failure of the transport
	Changed Outcome = "CHANGED" // it fails still, but otherwise
	Worse   Outcome = "WORSE"   // 2xx before and not now, or no response where there was one
	New     Outcome = "NEW"     // the capture holds no answer to compare with
)

// OutcomeOf compares an exchange with the one that sent its request again.
func OutcomeOf(before, after *Diagnosis) Outcome {
	switch {
	case !answered(before.Exchange):
		return New
	case succeeded(before) && succeeded(after):
		return Same
	case succeeded(after):
		return Fixed
	case succeeded(before), before.Status() != 0 && after.Status() == 0:
		return Worse
	case before.Status() == after.Status() && before.Error.Code == after.Error.Code && failureKind(before) == failureKind(after):
		return Same
	}
	return Changed
}

func answered(ex *exchange.Exchange) bool { return ex.Response != nil || ex.Failure != nil }

func succeeded(d *Diagnosis) bool { return d.Status() >= 200 && d.Status() < 300 }

// failureKind is what kept a response from coming at all; where there is a
// status, that decides.
func failureKind(d *Diagnosis) exchange.FailureKind {
	if d.Status() != 0 || d.Exchange.Failure == nil {
		return exchange.FailureUnknown
	}
	return d.Exchange.Failure.Kind
}
