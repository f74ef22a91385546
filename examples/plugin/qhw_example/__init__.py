"""A scheme, a layer and a board for qhw, in a package of their own."""
