"""Chart review: the sample, its sheets without the product's opinion, the labels, and what they say of the rule."""
