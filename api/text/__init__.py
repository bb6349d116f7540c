"""Strings only: spans and how they are found, addresses, times. No rows, no HTTP."""
