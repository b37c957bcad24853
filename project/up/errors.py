"""What can keep `up` from starting; each message says why and what to do."""


class ServiceError(RuntimeError):
    """An embedded service or a step before the start failed."""


class StopRequestedError(Exception):
    """Somebody pressed Ctrl-C while things were starting."""
