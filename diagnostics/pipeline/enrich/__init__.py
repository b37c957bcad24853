"""Turns what identifies people into what describes them: pseudonym, network, region, device. Nothing raw is left."""

from diagnostics.pipeline.enrich.people import enrich_log, enrich_span

__all__ = ["enrich_log", "enrich_span"]
