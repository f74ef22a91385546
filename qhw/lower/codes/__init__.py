"""What takes the place of a quantizer: thresholds, multipliers, and sums of branches."""
