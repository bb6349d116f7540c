"""JSON shapes: what comes in is loaded by them, what goes out is documented and tested by them.

Answers themselves are built from rows (`services/answers.py`); the tests hold every one
against its schema here.
"""
