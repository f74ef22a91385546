"""What each TFLite operator becomes: a file a group of operators."""
