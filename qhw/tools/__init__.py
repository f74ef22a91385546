"""Services of the machine: external programs and processes, files, caches, compiled Python."""
