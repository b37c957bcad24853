"""What callers may catch. Every message names the field, the limit and the way out, and quotes no record text."""


class DiagnosticsError(Exception):
    """The root of all errors raised on purpose."""


class BadInput(DiagnosticsError):
    """The sender's request cannot be understood; sending it again as it is will not help."""


class TooLarge(BadInput):
    """A body, decoded or not, beyond its limit."""


class Unavailable(DiagnosticsError):
    """The database cannot take the batch now; the sender should try again."""


class OverQuota(DiagnosticsError):
    """The sender has used up what it may send; `waits` says for how many seconds, by category."""

    def __init__(self, message: str, waits: dict[str, int]) -> None:
        super().__init__(message)
        self.waits = waits
