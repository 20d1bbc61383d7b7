"""Networks, the long way round."""
