"""What a build says of itself: one record, and its page."""
