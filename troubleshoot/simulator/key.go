package simulator

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"

	"immersve-doctor/diagnose/webhook"
)

// KeyID names the simulator's key in tokens, in webhooks and in its key set.
const KeyID = "immersve-doctor-simulator"

// Key returns the key that the simulator signs tokens and webhooks with. It's public:
// see simulatorOnlyKey.
func Key() (*rsa.PrivateKey, error) { return parseKey() }

// Keys returns the key set that verifies the simulator's webhooks.
func Keys() (webhook.KeySet, error) {
	key, err := parseKey()
	if err != nil {
		return nil, err
	}
	return webhook.KeySet{{ID: KeyID, Public: &key.PublicKey}}, nil
}

// parseKey reads the simulator's own signing key.
func parseKey() (*rsa.PrivateKey, error) {
	der, err := base64.StdEncoding.DecodeString(simulatorOnlyKey)
	if err != nil {
		return nil, fmt.Errorf("decode the simulator's key: %w", err)
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("parse the simulator's key: %w", err)
	}
	return key, nil
}

// keySet is the answer of get-webhook-jwks (RFC 7517), which verifies the
// simulator's tokens as well.
type keySet struct {
	Keys []publicKey `json:"keys"`
}

type publicKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

func (st *store) getWebhookJWKS(*request) *reply {
	key, err := st.key()
	if err != nil {
		return broken(err)
	}
	return ok(keySetOf(key))
}

func keySetOf(key *rsa.PrivateKey) keySet {
	exponent := big.NewInt(int64(key.E)).Bytes()
	return keySet{[]publicKey{{
		Type: "RSA", Use: "sig", Algorithm: "RS256", ID: KeyID,
		Modulus:  base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(exponent),
	}}}
}

// simulatorOnlyKey is an RSA key of 2048 bits (PKCS #1, DER, base64). It is
// public, on purpose: it was made for this file, signs the tokens of simulated
// sessions on loopback and opens nothing anywhere else. A key made at every
// start would cost some 100 ms.
const simulatorOnlyKey = "" +
	"MIIEogIBAAKCAQEApeKEUDVb1R4sadMSAfq8e+Tu/BP6VSqnnrE53CH+6Bhmtc9D7vOJvwUByzyOYZdNwQnsCjHxmKpwNlsLWzRE" +
	"iMQE6Qm95BV0J31FfDzOB04YryuPAnNs+EKmvc91L+XvrpaHC4Vycxe50ff2WtbC2EFN+l+gwfM6ePaX/orpCE7rTLYIZK9V3bu/" +
	"+mdea2AITXYi/l1QZGAXbrEq1KojntisQvqUXLzAIu7vf42ZiEN4mC7JWZBNHhedUgw/44GsNP4WEvDmsaouXZKoRorUcmh3LIhx" +
	"SvH6mAe87J3y26Ayu23l/MtOVEfDowOs+IVv4M4j+Uv2D/BwQ7/axpKx/QIDAQABAoIBACpqKbSsgAeVCHwieOdCqjDvj1+q6AYg" +
	"uu0rmYS8uIW1v4VbMp6FbMIH0LabjDhNzJbAJ7dPn9uOMNTlIJk4WxGxNSQ01nXcOm/iawLiNTfO8ybO92kEBGfR+vprciZGH6u/" +
	"V1ZNz7634U5bnYUKhpVu1TZgfyU4QMovGxv9fqodwk+IRfApykwb+uk/HeKWXH6MNGaQ8ShO2IlHa4Lyp6s+Qvb7YlYn9vz9MPqJ" +
	"tNqGLP4rnJ+81MuAlcz+i9ruLBabrhpOEDHerOTZFqCXf/LNYKQ+n9HyK3mm3EQdGn5B5g/V1E9hU7CzvkLPE0xef4h6/toFgkUZ" +
	"z1WbDGqt7k0CgYEAzI9jGgp8IIbDmZRQSry5fet9VxkG5htBKjLMbVEAHGexR7IDoagyv4DpZ1zLyOIbS+XITE3YlZH7VOyXyGHl" +
	"K/tnStOTimfxKQodGQEGs4JUl84xUu4RkJHYFQMnCBb2W3yK7eAhCs525AnM2BxHIQkBsL/xpt25KIchGomJx+cCgYEAz5ll+XuV" +
	"uVYUOqsNDZNsPdR+jJNLNLhO5kQBofbCkbhWw6XX3o/HDEZbDdSmS3lk8Hvxc/c9PzA+LaMX1+2+L9MNUaBACTJCSj+s7qboBJv4" +
	"v6ySHj9FAhDIjSWPMtNDMD1IvmBRbP/3PCt8+5TLiCnQVzh94rAs2sIZSftWansCgYB3auGsyyApkOLRXn79Em2rL/WNCiQ34wNI" +
	"0jz7OEU7T+FzfF2YWuu9VlFrsQWacT0EMtGakft1XbJ+olv9dADoiyyCxz8jloh3r9rKxQmXc+dUc9/hjO+eGTYvFhcMJvOM9wjX" +
	"03cWqu9HMt1t8BwqEer1tygohNnZ6gEOT+qqUwKBgCc4BqDMLSv3TBkNSYkACdngdAvgo7uQ+i7cOCa99GINHi8V/KMqLGNwQzFo" +
	"tAXcKCqab7IFykdOuOBsSEvduSlVyNVb3d0e5pEaWHQ5iemdAbBMTMp0D3hlbU3lA5mJec76NOzqS1e5P57ZZGIu6QiPRbHElVun" +
	"BsJJGvf0CI5TAoGAFPmglhnKQkj0zrIW9nEFQjvmwLN6Q4WERSFLj/C/W1JzX/7LkUNbZE6gTWTjGeTmcuzSfbxuScC5Hf3N0jaw" +
	"r4qlRKEkr6qvoWjFhnZ0Yiwn3NewMAxF79AB0gFcSWFulrBcSOAtbVTkgIVDdXLmI3/n+sMf6dVhAwyjS32a1gQ="
