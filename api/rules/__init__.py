"""The craft of fact-checking as pure functions over plain values."""
