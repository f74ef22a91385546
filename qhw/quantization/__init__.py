"""A scheme for each layer of a float network."""
