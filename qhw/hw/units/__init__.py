"""Units: what a layer becomes in hardware, one file each."""
