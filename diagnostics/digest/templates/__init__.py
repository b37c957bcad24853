"""Folds what batches say of templates into the rows: first what processes learnt, then how often each came."""

from diagnostics.digest.templates.expire import expire_templates
from diagnostics.digest.templates.fold import fold_templates

__all__ = ["expire_templates", "fold_templates"]
