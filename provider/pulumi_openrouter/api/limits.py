"""The most that the API takes, or gives, in one request."""

MAX_BATCH_IDS = 100
"""User ids to add or to remove."""

MAX_PAGE_ROWS = 100
"""Rows to ask for; a page may hold fewer, and not be the last."""
