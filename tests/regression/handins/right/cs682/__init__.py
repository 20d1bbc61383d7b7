"""A small neural network library in plain numpy: layers, networks, update rules and a solver."""
