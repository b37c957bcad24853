"""How well redaction works: a labelled corpus made in code, scored by category, with its speed and its worst lines."""
