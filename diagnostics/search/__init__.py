"""Search: one query line and one set of filters for pages, API and the live stream."""
