package simulator

import (
	"math/big"
	"strings"
)

// strategy is how tokens move in and out of a funding source.
type strategy string

// The strategies.
const (
	universalEVM strategy = "universal-evm"
	algorand     strategy = "flexi-algorand"
	custodial    strategy = "custodial"
	simulated    strategy = "simulator"
)

// fundingType is what a fundingTypeName stands for.
type fundingType struct {
	name     string
	currency string
	decimals int
	network  string // "" where no chain is involved
	strategy strategy
}

// findFundingType reads a documented name, such as
// "polygon-amoy-usdc-universal-evm-test".
func findFundingType(name string) fundingType {
	t := fundingType{name: name, currency: "USDC", decimals: 6}
	switch {
	case name == "simulator-usdc":
		t.strategy = simulated
		return t
	case strings.HasPrefix(name, "custodial-"):
		t.strategy = custodial
		return t
	case strings.HasPrefix(name, "algorand-"):
		t.strategy = algorand
	default:
		t.strategy = universalEVM
	}
	chain, _, _ := strings.Cut(name, "-usd")
	if !strings.Contains(chain, "-") {
		chain += "-mainnet"
	}
	t.network = chain
	if strings.Contains(name, "-usdt-") {
		t.currency, t.decimals = "USDT", 18 // Binance's
	}
	return t
}

// fromCents converts USD cents to the token's smallest unit.
func (t fundingType) fromCents(cents *big.Int) *big.Int {
	return new(big.Int).Mul(cents, power(t.decimals-2))
}

func power(exponent int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)
}

// units reads an amount of smallest units; a text that is no number is zero.
func units(text string) *big.Int {
	n, good := new(big.Int).SetString(text, 10)
	if !good {
		return new(big.Int)
	}
	return n
}

// fundingTypeNames are the documented ones.
func fundingTypeNames() []string {
	return []string{
		"algorand-testnet-usdc", "algorand-usdc", "arbitrum-mainnet-usdc-universal-evm", "arbitrum-sepolia-usdc-universal-evm",
		"base-mainnet-usdc-universal-evm", "base-sepolia-usdc-universal-evm", "bsc-testnet-usdt-universal-evm",
		"bsc-usdt-universal-evm", "custodial-test-usdc", "custodial-usdc", "polygon-amoy-usdc-universal-evm-test",
		"polygon-usdc-universal-evm-live", "sei-mainnet-usdc-universal-evm", "sei-testnet-usdc-universal-evm", "simulator-usdc",
	}
}
