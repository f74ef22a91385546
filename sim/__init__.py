"""What measures and proves the package, and is no part of it. Runs from a clone alone."""
