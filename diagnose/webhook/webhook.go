// Package webhook holds what is documented about the messages that Immersve sends
// to a partner's endpoint: how they are signed, which topics exist, what their
// payload is, and which response each of them needs.
//
// It also finds out why a signature doesn't verify. See Explain.
package webhook

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// The headers of a delivery.
const (
	DeliveryHeader  = "X-Delivery-ID"
	KeyHeader       = "X-Key-ID"
	SignatureHeader = "X-Signature"
)

// Sign returns the value of X-Signature: the base64 RSA-SHA256 signature (PKCS #1
// v1.5) of {deliveryID}:{keyID}:{body}. The same input gives the same signature.
func Sign(key *rsa.PrivateKey, deliveryID, keyID string, body []byte) (string, error) {
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest(deliveryID, keyID, body))
	if err != nil {
		return "", fmt.Errorf("sign delivery: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// Verify returns an error if a signature isn't the documented one of these bytes.
func Verify(key *rsa.PublicKey, deliveryID, keyID, signature string, body []byte) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return fmt.Errorf("decode signature: %w", err)
	}
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest(deliveryID, keyID, body), raw); err != nil {
		return fmt.Errorf("verify delivery: %w", err)
	}
	return nil
}

func digest(deliveryID, keyID string, body []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(deliveryID), []byte(":"), []byte(keyID), []byte(":"), body} {
		h.Write(part) // never returns an error
	}
	return h.Sum(nil)
}

// Endpoint returns the last segment of the path that a delivery was sent to, which
// is the topic, or "authorize" or "notify" of a custodial partner's endpoint.
func Endpoint(path string) string {
	path = strings.TrimRight(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}
