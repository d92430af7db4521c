"""The most that the API takes, or gives, in one request."""

LARGEST_BATCH = 100
"""User ids to add or to remove."""

LARGEST_PAGE = 100
"""Rows to ask for; a page may hold fewer, and not be the last."""
