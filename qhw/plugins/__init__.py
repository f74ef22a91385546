"""Packages that add to qhw's catalogues: their skeletons."""
