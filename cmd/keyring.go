package cmd

import (
	"errors"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring keeps secrets outside of files.
type Keyring interface {
	Set(service, user, secret string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// keyringService is the name under which secrets are kept. The user is PROFILE/KEY.
const keyringService = "immersve-doctor"

// inKeyring is what the config file has instead of a secret that is in the keyring.
const inKeyring = "keyring:"

// errNoKeyring is why a system without a keyring doesn't keep a secret.
var errNoKeyring = errors.New("this system has no keyring")

// keyring returns the keyring, or one that has nothing if the system has none.
func (s *shared) keyring() Keyring {
	if s.env.Keyring == nil {
		return noKeyring{}
	}
	return s.env.Keyring
}

type noKeyring struct{}

func (noKeyring) Set(string, string, string) error   { return errNoKeyring }
func (noKeyring) Get(string, string) (string, error) { return "", errNoKeyring }
func (noKeyring) Delete(string, string) error        { return errNoKeyring }

// systemKeyring is the operating system's. Without a desktop session, Linux has none, and
// asking for it may take forever.
type systemKeyring struct{}

const keyringLimit = 3 * time.Second

func (systemKeyring) Set(service, user, secret string) error {
	_, err := inTime(func() (string, error) { return "", keyring.Set(service, user, secret) })
	if err != nil {
		return errors.Join(errNoKeyring, err)
	}
	return nil
}

func (systemKeyring) Get(service, user string) (string, error) {
	return inTime(func() (string, error) { return keyring.Get(service, user) })
}

func (systemKeyring) Delete(service, user string) error {
	_, err := inTime(func() (string, error) {
		err := keyring.Delete(service, user)
		if errors.Is(err, keyring.ErrNotFound) {
			err = nil
		}
		return "", err
	})
	return err
}

// inTime runs f for as long as keyrings may take.
func inTime(f func() (string, error)) (string, error) {
	type result struct {
		secret string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := f()
		done <- result{secret, err}
	}()
	timer := time.NewTimer(keyringLimit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.secret, r.err
	case <-timer.C:
		return "", errors.New("the keyring doesn't respond")
	}
}
