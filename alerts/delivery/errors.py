"""Why something could not be delivered. Messages hold no address and no text of the receiver that was not redacted."""

from collections.abc import Mapping


class DeliveryError(Exception):
    """One attempt failed. `permanent`: trying again as it is will not help. `retry_after`: seconds, as asked for.

    `disables`: the target itself is gone or refuses us; the message is the reason that people are shown. `receipt`:
    what was reached before the failure, for the next try. `partly`: some were reached, so the target is well; the next try
    is for the others.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        disables: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        receipt: Mapping[str, str] | None = None,
        partly: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent or disables
        self.disables = disables
        self.retry_after = retry_after
        self.status = status
        self.receipt = receipt or {}
        self.partly = partly


class TargetRefused(DeliveryError):
    """The address may not be reached from here; not permanent when only its name was not found for now."""

    def __init__(self, message: str, *, permanent: bool = True) -> None:
        super().__init__(message, permanent=permanent)
