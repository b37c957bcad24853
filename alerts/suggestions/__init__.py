"""What the last week says about rules: limits that would fit, noise that nobody wants. Read from sums, never from records."""
