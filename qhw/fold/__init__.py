"""How many processing elements and lanes each layer gets: choices, search and goals."""
