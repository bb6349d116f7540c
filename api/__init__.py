"""Claimspan: articles, the claims marked on them, and what reviewers found.

Floors, each importing only from those below it:
resources, commands → schemas | services → models → db → exports → rules → text → errors | settings.
"""
