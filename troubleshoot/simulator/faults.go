package simulator

import "time"

// FaultConfig is a fault that an account of the test environment asked for.
type FaultConfig struct {
	AccountID string
	Type      string
	Value     string
	CreatedAt time.Time
}

// paymentFault is the one fault type that the documentation names; the simulator
// answers simulated authorizations with 500 while its value is "true".
const paymentFault = "payment-handle-http-error"

type faultTypeView struct {
	Name                string        `json:"name"`
	ValueType           string        `json:"valueType"`
	Effect              string        `json:"effect"`
	AllowedAccountTypes []AccountType `json:"allowedAccountTypes"`
	Description         string        `json:"description"`
}

func (st *store) listFaultTypes(*request) *reply {
	return ok(items[faultTypeView]{[]faultTypeView{{
		paymentFault, "boolean", "error", []AccountType{partner, cardholder}, "Handling a payment ends in an HTTP error.",
	}}})
}

type faultConfigView struct {
	AccountID     string `json:"accountId"`
	FaultTypeName string `json:"faultTypeName"`
	Value         string `json:"value"`
	CreatedAt     string `json:"createdAt"`
}

func (f *FaultConfig) view() faultConfigView {
	return faultConfigView{f.AccountID, f.Type, f.Value, stamp(f.CreatedAt)}
}

func (st *store) listFaultConfigs(rq *request) *reply {
	v := items[faultConfigView]{Items: []faultConfigView{}}
	if f := st.faultConfigs.get(faultKey(rq.account())); f != nil {
		v.Items = append(v.Items, f.view())
	}
	return ok(v)
}

func faultKey(accountID string) string { return accountID + " " + paymentFault }

func (st *store) setFaultConfig(rq *request) *reply {
	value := rq.text("value")
	switch {
	case rq.path("faultTypeName") != paymentFault:
		return forbidden()
	case value != "true" && value != "false":
		return invalid("value", `Must be "true" or "false"`)
	}
	f := &FaultConfig{AccountID: rq.account(), Type: paymentFault, Value: value, CreatedAt: rq.now}
	st.faultConfigs.remove(faultKey(f.AccountID))
	if !st.faultConfigs.add(faultKey(f.AccountID), f) {
		return full("fault configurations")
	}
	return ok(f.view())
}

func (st *store) deleteFaultConfig(rq *request) *reply {
	if rq.path("faultTypeName") != paymentFault {
		return forbidden()
	}
	st.faultConfigs.remove(faultKey(rq.account()))
	return ok(nil)
}

// hasFault looks at the account and at its partner.
func (st *store) hasFault(accountID string) bool {
	for _, id := range []string{accountID, st.accounts.get(accountID).parent()} {
		if f := st.faultConfigs.get(faultKey(id)); f != nil && f.Value == "true" {
			return true
		}
	}
	return false
}
