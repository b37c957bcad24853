"""Figures as people read them: the same figure looks the same wherever it stands."""


def percent(share: float) -> str:
    """'14%', '0.3%', '0.02%'."""
    if 0 < share < 0.00005:
        return "<0.01%"
    digits = 1 if share >= 0.001 or share == 0 else 2
    text = f"{share * 100:,.{digits}f}"
    return f"{text.removesuffix('.0')}%"


def milliseconds(value: float) -> str:
    """'0.25 ms', '340 ms', '2.4 s'."""
    if 0 < abs(value) < 1:
        return f"{value:.2f} ms"
    return f"{value:,.0f} ms" if abs(value) < 1000 else f"{value / 1000:,.1f} s"


def offset(value: float) -> str:
    """Milliseconds from a moment: '-500 ms', '+0 ms', '+1.5 s', '+4:05', '+1:12:03'."""
    sign, size = "-" if value < 0 else "+", abs(value)
    if size < 60_000:
        return sign + milliseconds(round(size))
    minutes, seconds = divmod(int(size // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:,}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"
