package simulator

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// claims are those of the simulator's tokens (RFC 7519 section 4.1). The API's
// documentation names exp and sub only.
type claims struct {
	Subject string `json:"sub"` // user id
	ID      string `json:"jti"`
	Session string `json:"sid"`
	Issued  int64  `json:"iat"` // seconds since 1970
	Expires int64  `json:"exp"`
}

// refreshPrefix begins the jti of refresh tokens. The API's own tokens have no
// documented mark.
const refreshPrefix = "r-"

func (c claims) isRefresh() bool { return strings.HasPrefix(c.ID, refreshPrefix) }

var errToken = errors.New("the token is not one of this simulator's")

// sign writes a JWT with RS256 (RFC 7515, RFC 7518 section 3.3).
func (st *store) sign(c claims) (string, error) {
	key, err := st.key()
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	const header = `{"alg":"RS256","typ":"JWT","kid":"` + KeyID + `"}`
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", err
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// verify reads a JWT that sign wrote. It does not look at the expiry.
func (st *store) verify(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > 4096 {
		return c, errToken
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return c, errToken
	}
	key, err := st.key()
	if err != nil {
		return c, err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return c, errToken
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return c, errToken
	}
	return c, nil
}

// tokens signs an access token and a refresh token for a session. The refresh
// token that the session had is void from then on.
func (st *store) tokens(session *Session, now time.Time) (access, refresh string, err error) {
	base := claims{Subject: session.UserID, Session: session.ID, Issued: now.Unix()}
	accessClaims, refreshClaims := base, base
	accessClaims.ID, accessClaims.Expires = "a-"+st.chance.opaque(20), now.Add(st.tokenTTL).Unix()
	refreshClaims.ID, refreshClaims.Expires = refreshPrefix+st.chance.opaque(20), now.Add(refreshTokenLife).Unix()
	if access, err = st.sign(accessClaims); err != nil {
		return "", "", err
	}
	if refresh, err = st.sign(refreshClaims); err != nil {
		return "", "", err
	}
	session.RefreshID = refreshClaims.ID
	return access, refresh, nil
}

// broken is the answer to a fault of the simulator itself.
func broken(err error) *reply {
	return fail(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
}
