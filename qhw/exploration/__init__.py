"""Many designs of one network side by side: sweeps, workers and pictures."""
