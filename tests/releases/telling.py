"""Minutes of releases, as the digest folds them."""

from datetime import timedelta

from diagnostics.core import clock
from diagnostics.core.histogram import bucket_of
from diagnostics.digest.rollups import COUNTS, fold_rollups
from diagnostics.digest.series_names import KNOWN, bound_series
from diagnostics.models import IngestBatch


def tell(environment, release, ago, service="checkout", source="span", ms=None, route="", **counts):
    """One minute, so long ago; `ms`: {milliseconds: requests}."""
    minute = clock.minute_of(clock.to_ns(clock.now() - ago))
    latency = {str(bucket_of(length)): count for length, count in (ms or {}).items()}
    row = [minute, source, service, route, release, [counts.get(name, 0) for name in COUNTS], latency]
    batch = IngestBatch(id=1, environment=environment, sums=[row], findings={})
    KNOWN.clear()
    bound_series([batch])
    fold_rollups([batch])


def deploy(environment, hours=3, service="checkout", old=(1000, 2), new=(1000, 31)):
    """2.4.0, and after it 2.4.1, so many hours ago; each with (requests, failures)."""
    came = timedelta(hours=hours)
    tell(environment, "2.4.0", came + timedelta(hours=5), service, requests=old[0], failures=old[1])
    tell(environment, "2.4.1", came, service, requests=new[0], failures=new[1])
