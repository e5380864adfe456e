package check

import (
	"immersve-doctor/diagnose/exchange"
)

// Class is what kind of answer an exchange got. Each class has its checklist.
type Class string

// The classes.
const (
	Success              Class = "success"
	MalformedRequest     Class = "malformed-request"
	Unauthorized         Class = "unauthorized"
	ResourceOrPermission Class = "resource-or-permission"
	BusinessRule         Class = "business-rule"
	NotFound             Class = "not-found"
	RateLimited          Class = "rate-limited"
	ServerError          Class = "server-error"
	UnexpectedStatus     Class = "unexpected-status"
	NoResponse           Class = "no-response"
	Delivered            Class = "delivery" // a webhook that Immersve sent to the partner's endpoint
	NotSent              Class = "not-sent"
)

// Classes returns every class.
func Classes() []Class {
	return []Class{
		Success, MalformedRequest, Unauthorized, ResourceOrPermission, BusinessRule, NotFound,
		RateLimited, ServerError, UnexpectedStatus, NoResponse, Delivered, NotSent,
	}
}

// Classify tells the class of an exchange from its status code and errorCode
// (https://docs.immersve.com/guides/http-status-codes).
func Classify(ex *exchange.Exchange, body ErrorBody) Class {
	if isDelivery(ex) {
		return Delivered
	}
	if ex.Response == nil || ex.Response.Status == 0 {
		if ex.Failure != nil {
			return NoResponse
		}
		return NotSent
	}
	switch status := ex.Response.Status; {
	case status >= 200 && status < 300:
		return Success
	case status == 400:
		return MalformedRequest
	case status == 401:
		return Unauthorized
	case status == 403 && (body.Code == "" || body.Code == "FORBIDDEN"):
		return ResourceOrPermission
	case status == 403:
		return BusinessRule
	case status == 404:
		return NotFound
	case status == 429:
		return RateLimited
	case status >= 500 && status < 600:
		return ServerError
	}
	return UnexpectedStatus
}
