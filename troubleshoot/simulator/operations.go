package simulator

import "net/http"

// handle runs the operation. Every operation of package api has its line here; a
// test holds the list to that.
func (st *store) handle(rq *request) *reply {
	if run := st.handler(rq.op.ID); run != nil {
		return run(rq)
	}
	return fail(http.StatusNotImplemented, "NOT_IMPLEMENTED", "the simulator does not know this operation")
}

func (st *store) handler(operation string) func(*request) *reply {
	switch operation {
	// accounts
	case "create-account":
		return st.createAccount
	case "get-account":
		return st.getAccount
	case "get-contact-details":
		return st.getContactDetails
	case "update-contact-details":
		return st.updateContactDetails
	case "get-cardholder-blocks":
		return st.getCardholderBlocks
	// authentication
	case "create-challenge":
		return st.createChallenge
	case "sign-up":
		return st.signUp
	case "initiate-login":
		return st.initiateLogin
	case "complete-login":
		return st.completeLogin
	case "exchange-auth-token":
		return st.exchangeAuthToken
	case "logout":
		return st.logout
	case "initiate-siwe-login":
		return st.initiateSIWELogin
	case "complete-siwe-login":
		return st.completeSIWELogin
	// cards
	case "list-cards":
		return st.listCards
	case "create-card":
		return st.createCard
	case "get-card":
		return st.getCard
	case "activate-card":
		return st.activateCard
	case "cancel-card":
		return st.cancelCard
	case "freeze-card":
		return st.freezeCard
	case "unfreeze-card":
		return st.unfreezeCard
	case "reissue-card":
		return st.reissueCard
	case "set-card-pin":
		return st.setCardPIN
	case "get-card-token":
		return st.getCardToken
	case "get-secure-card-details":
		return st.getSecureCardDetails
	case "provision-card-to-apple-pay":
		return st.provisionToApplePay
	}
	if run := st.partnerHandler(operation); run != nil {
		return run
	}
	return st.moneyHandler(operation)
}

// partnerHandler knows KYC and what belongs to partners.
func (st *store) partnerHandler(operation string) func(*request) *reply {
	switch operation {
	case "get-kyc-profile":
		return st.getKYCProfile
	case "get-kyc-statement":
		return st.getKYCStatement
	case "submit-kyc-statement":
		return st.submitKYCStatement
	case "get-expected-spend-amount":
		return st.getExpectedSpend
	case "update-expected-spend-amount":
		return st.updateExpectedSpend
	case "get-residential-addresses":
		return st.getResidentialAddresses
	case "submit-residential-addresses":
		return st.submitResidentialAddresses
	case "get-supported-regions":
		return st.getSupportedRegions
	case "upload-file":
		return st.uploadFile
	case "get-file-upload":
		return st.getFileUpload
	case "get-client-application":
		return st.getClientApplication
	case "update-allowed-origins":
		return st.updateAllowedOrigins
	case "get-partner-profile":
		return st.getPartnerProfile
	case "configure-partner-profile":
		return st.configurePartnerProfile
	case "create-webhook-listener":
		return st.createWebhookListener
	case "get-webhook-listener":
		return st.getWebhookListener
	case "list-webhook-listeners":
		return st.listWebhookListeners
	case "delete-webhook-listener":
		return st.deleteWebhookListener
	case "add-webhook-topic-subscription":
		return st.subscribe
	case "remove-webhook-topic-subscription":
		return st.unsubscribe
	case "send-webhook-test-notification":
		return st.sendTestNotification
	case "list-webhook-notifications":
		return st.listWebhookNotifications
	case "get-webhook-jwks":
		return st.getWebhookJWKS
	case "list-reports-by-account":
		return st.listReports
	case "get-report":
		return st.getReport
	case "create-report-download-url":
		return st.createReportDownloadURL
	case "create-support-session":
		return st.createSupportSession
	}
	return nil
}

// moneyHandler knows funding, payments, currencies and the test environment's
// own operations.
func (st *store) moneyHandler(operation string) func(*request) *reply {
	switch operation {
	case "create-funding-channel":
		return st.createFundingChannel
	case "get-funding-channel":
		return st.getFundingChannel
	case "list-funding-channels":
		return st.listFundingChannels
	case "create-funding-source":
		return st.createFundingSource
	case "get-funding-source":
		return st.getFundingSource
	case "list-funding-sources":
		return st.listFundingSources
	case "list-funding-source-interactions":
		return st.listInteractions
	case "create-withdrawal-intent":
		return st.createWithdrawalIntent
	case "get-spending-prerequisites":
		return st.getSpendingPrerequisites
	case "list-transactions":
		return st.listTransactions
	case "get-transaction":
		return st.getTransaction
	case "list-inquiries":
		return st.listInquiries
	case "get-inquiry":
		return st.getInquiry
	case "list-account-payment-notifications":
		return st.listPaymentNotifications
	case "get-payment-notification":
		return st.getPaymentNotification
	case "submit-3ds-challenge-outcome":
		return st.submitChallengeOutcome
	case "list-currencies":
		return st.listCurrencies
	case "get-currency-conversion":
		return st.getCurrencyConversion
	case "execute-simulator-deposit":
		return st.executeDeposit
	case "execute-simulator-withdrawal":
		return st.executeWithdrawal
	case "submit-simulator-authorization":
		return st.submitAuthorization
	case "submit-simulator-clearing":
		return st.submitClearing
	case "submit-simulator-reversal":
		return st.submitReversal
	case "list-fault-types":
		return st.listFaultTypes
	case "list-fault-configs":
		return st.listFaultConfigs
	case "set-fault-config":
		return st.setFaultConfig
	case "delete-fault-config":
		return st.deleteFaultConfig
	}
	return nil
}
