"""Writers of adder networks in the cells of chips, which families name."""
