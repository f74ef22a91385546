"""Files that other projects' exporters make, with fixed seeds, and what becomes of them."""
