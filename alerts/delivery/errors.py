"""Why something could not be delivered. Messages hold no address and no text of the receiver that was not redacted."""


class DeliveryError(Exception):
    """One attempt failed. `permanent`: trying again as it is will not help. `retry_after`: seconds, as asked for."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        disables: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.disables = disables  # the target itself is gone (410): stop using it
        self.retry_after = retry_after
        self.status = status


class TargetRefused(DeliveryError):
    """The address may not be reached from here; not permanent when only its name was not found for now."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message, permanent=permanent)
