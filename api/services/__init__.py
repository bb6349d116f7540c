"""Verbs: plain functions that take the transaction first and rows after it.

They raise what `api/errors.py` names, never commit, and give back answers: dicts in the
shape of the contract, read back from the rows that were written.
"""
