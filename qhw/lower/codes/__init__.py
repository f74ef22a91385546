"""The integer layers that replace a quantizer: thresholds, multipliers, and sums of branches."""
