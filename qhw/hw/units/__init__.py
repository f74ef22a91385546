"""Units: the hardware of one layer or of one part of it, one file each."""
