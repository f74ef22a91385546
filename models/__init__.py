"""Models that ship with qhw, one a folder: description, weights and how they were trained."""
