"""Reports of a build: its record, and the record as a page."""
