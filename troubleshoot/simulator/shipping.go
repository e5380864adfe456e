package simulator

import "slices"

// checkShipping asks of a physical card what the schema cannot express.
func (rq *request) checkShipping(p *CardProgram) *reply {
	if p.Type != "physical" {
		return nil
	}
	switch {
	case !rq.member("shippingAddress").IsObject():
		return incomplete("SHIPPING_ADDRESS_REQUIRED", "a physical card needs shippingAddress")
	case rq.text("shippingMethod") == "":
		return incomplete("SHIPPING_METHOD_REQUIRED", "a physical card needs shippingMethod")
	case rq.text("language") == "":
		return incomplete("LANGUAGE_REQUIRED", "a physical card needs language")
	case !shipped(rq.text("shippingMethod"), rq.text("language")):
		return incomplete("PHYSICAL_CARD_CONFIGURATION_INVALID", "the simulator ships by standard-courier with language en")
	case rq.breaks("SHIPPING_ADDRESS_LINE_TOO_LONG"):
		return incomplete("SHIPPING_ADDRESS_LINE_TOO_LONG", "a line of the address is longer than 35 characters")
	}
	return nil
}

func shipped(method, language string) bool { return method == "standard-courier" && language == "en" }

func (rq *request) checkCountry(p *CardProgram) *reply {
	country := rq.text("shippingAddress.country")
	if p.Type != "physical" || slices.Contains([]string{"AU", "GB", "NZ"}, country) {
		return nil
	}
	return refused("SHIPPING_COUNTRY_UNSUPPORTED", "the simulator ships to AU, GB and NZ")
}
