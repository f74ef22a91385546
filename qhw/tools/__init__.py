"""Services of the machine: outside programs and processes, files, caches, compiled Python."""
