"""What the machine gives: outside programs and processes, files, caches, compiled Python."""
