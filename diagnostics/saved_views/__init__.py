"""Saved views: what each page's address may say, who sees and changes which, and what becomes of them."""
