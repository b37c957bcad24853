"""How well, and how fast, lines are grouped by their template."""
