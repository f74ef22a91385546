"""Writers of adder networks in the cells of chips; each family names its writer."""
