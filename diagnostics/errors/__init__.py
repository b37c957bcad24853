"""Errors told apart by fingerprint: where they stand, what people decide of them, what is known of their records."""
