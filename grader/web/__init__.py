"""The marking desk: pages on the loopback address that a class is marked on."""
