"""The twelve families. Each function makes one series from a random source and no two are alike."""

import math
from collections.abc import Callable
from typing import Final

from benchmarks.detection.draws import counted, log_uniform, poisson, student, wander
from benchmarks.detection.placing import (
    LEAST_NATS,
    PACES,
    Draw,
    choose_shape,
    incident_of,
    places,
    weights,
)  # fmt: skip
from benchmarks.detection.raising import draw_counts, lower_counts, place_rise, raise_counts
from benchmarks.detection.seasons import level, seasons, varied_level
from benchmarks.detection.series import DAY, MINUTES, Incident, Series

Parts = tuple[str, list[float | None], list[float] | None, list[Incident], list[Incident]]


def incidents_a_series(rng: Draw) -> int:
    """Some series have many."""
    return rng.choice((3, 4, 5, 5, 6, 7))


def varied_spread(rng: Draw) -> float:
    """Dispersion from none to wild."""
    return rng.choice((0.0, log_uniform(rng, 0.003, 0.03), log_uniform(rng, 0.03, 0.4)))


def errors_diurnal(rng: Draw) -> Parts:
    """Errors that follow the traffic of day and week."""
    means = level(
        rng, log_uniform(rng, 0.5, 500), depth=rng.uniform(0.4, 0.95), weekend=rng.choice((1.0, rng.uniform(0.3, 0.9))),
        unrest=rng.choice((0.0, rng.uniform(0.02, 0.2))),
    )  # fmt: skip
    spread = varied_spread(rng)
    values = draw_counts(rng, means, spread)
    return "errors", values, None, raise_counts(rng, values, means, spread, incidents_a_series(rng)), []


def errors_low(rng: Draw) -> Parts:
    """An error every few minutes; some come in clumps."""
    means = varied_level(rng, log_uniform(rng, 0.02, 0.6))
    values = draw_counts(rng, means, 0.0)
    if rng.random() < 0.5:
        clump(rng, values, rng.uniform(0.05, 0.3))
    return "errors", values, None, raise_counts(rng, values, means, 0.0, incidents_a_series(rng), 3.0), []


def errors_sparse(rng: Draw) -> Parts:
    """An error an hour, or a day."""
    means = level(rng, log_uniform(rng, 0.0005, 0.02))
    values = draw_counts(rng, means, 0.0)
    if rng.random() < 0.5:
        clump(rng, values, rng.uniform(0.1, 0.3))
    return "errors", values, None, raise_counts(rng, values, means, 0.0, incidents_a_series(rng), 3.0), []


def clump(rng: Draw, values: list[float | None], share: float) -> None:
    """Some errors are tried again at once: one becomes two, sometimes more."""
    for minute, value in enumerate(list(values)):
        for _ in range(int(value or 0)):
            while rng.random() < share:
                later = min(minute + rng.randint(0, 1), MINUTES - 1)
                values[later] = (values[later] or 0.0) + 1.0


def errors_ratio(rng: Draw) -> Parts:
    """A share of the requests fails; traffic surges raise both."""
    share = log_uniform(rng, 0.0005, 0.05)
    traffic = varied_level(rng, log_uniform(rng, 20, 20_000))
    surge(rng, traffic, rng.randint(4, 10))
    exposures = [float(counted(rng, mean, 0.002)) for mean in traffic]
    means = [max(count * share, 1e-6) for count in exposures]
    spread = varied_spread(rng) / 2
    values = draw_counts(rng, means, spread)
    incidents = raise_counts(rng, values, means, spread, incidents_a_series(rng))
    values = [min(value or 0.0, count) for value, count in zip(values, exposures, strict=True)]
    return "errors", values, exposures, incidents, []


def surge(rng: Draw, traffic: list[float], count: int) -> None:
    """A campaign, a crawler: several times the traffic for a while."""
    for start in places(rng, count, first=60):
        shape, length = choose_shape(rng)
        factor = rng.uniform(1.0, 6.0)
        for offset, weight in enumerate(weights(shape, length)):
            traffic[start + offset] *= 1 + factor * weight


def latency(rng: Draw) -> Parts:
    """A percentile in milliseconds: day shape, wandering, heavy-tailed noise, single slow minutes."""
    noise = Noise(rng)
    shape = seasons(rng, rng.choice((0.0, rng.uniform(0.1, 0.5))), 1.0)
    drift = wander(rng, MINUTES, rng.choice((0.0, rng.uniform(0.02, 0.12))), rng.uniform(10, 200))
    base = log_uniform(rng, 5, 3000)
    middles = [math.log(base) + 0.5 * math.log(part) + move for part, move in zip(shape, drift, strict=True)]
    logs = [middle + noise.draw() for middle in middles]
    incidents = []
    for start in places(rng, incidents_a_series(rng)):
        for _ in range(8):
            incident = slow_down(rng, logs, middles, noise, start)
            if incident:
                incidents.append(incident)
                break
    return "latency", [math.exp(value) for value in logs], None, incidents, []


class Noise:
    """Noise of a series of log latencies: normal to heavy-tailed, with single slow minutes."""

    def __init__(self, rng: Draw) -> None:
        self.rng = rng
        self.scale = log_uniform(rng, 0.03, 0.25)
        self.freedom = rng.choice((2.5, 3.0, 4.0, 8.0, 30.0))
        self.spikes = rng.choice((0.0, log_uniform(rng, 0.0005, 0.01)))

    def draw(self) -> float:
        """One minute."""
        value = self.scale * student(self.rng, self.freedom)
        if self.rng.random() < self.spikes:
            value += self.rng.uniform(0.5, 2.0)
        return min(value, 4.0)

    def density(self, value: float) -> float:
        """Log density of the part without spikes, up to a constant."""
        return -(self.freedom + 1) / 2 * math.log1p((value / self.scale) ** 2 / self.freedom)


def slow_down(rng: Draw, logs: list[float], middles: list[float], noise: Noise, start: int) -> Incident | None:
    """One incident; None when it would drown in the noise."""
    shape, length = choose_shape(rng)
    rise = math.log(rng.choice((rng.uniform(1.3, 1.8), rng.uniform(1.5, 3.0), log_uniform(rng, 2.0, 8.0))))
    rises = [rise * weight for weight in weights(shape, length)]
    drawn = [noise.draw() + step for step in rises]
    nats = [noise.density(value - step) - noise.density(value) for value, step in zip(drawn, rises, strict=True)]
    if sum(nats) < LEAST_NATS:
        return None
    logs[start : start + length] = [middles[start + offset] + value for offset, value in enumerate(drawn)]
    return incident_of(start, shape, math.exp(rise), nats)


def traffic_drop(rng: Draw) -> Parts:
    """Requests that go missing."""
    means = varied_level(rng, log_uniform(rng, 3, 5000))
    spread = varied_spread(rng) / 3
    values = draw_counts(rng, means, spread)
    return "requests", values, None, lower_counts(rng, values, means, spread, incidents_a_series(rng)), []


def deploy_shift(rng: Draw) -> Parts:
    """Deploys: small permanent shifts that are nobody's business, large ones that are, incidents right after."""
    means = varied_level(rng, log_uniform(rng, 0.3, 200))
    spread = varied_spread(rng)
    deploys = places(rng, rng.randint(4, 8))
    large = {start for start in deploys if rng.random() < 0.25}
    for start in deploys:
        factor = rng.uniform(2.5, 6.0) if start in large else rng.choice((1.0, rng.uniform(0.4, 1.4)))
        for minute in range(start, MINUTES):
            means[minute] *= factor
    values = draw_counts(rng, means, spread)
    incidents = [Incident(start, start + 60, "shift", 3.0) for start in sorted(large)]
    ignored = [Incident(start + 60, start + 300) for start in large]
    for start in deploys:
        if start not in large and rng.random() < 0.5:
            shape, length = choose_shape(rng)
            later = start + rng.randint(0, 40)
            incident = place_rise(rng, values, means, spread, later, shape, length, 2.2)
            incidents += [incident] if incident else []
    return "errors", values, None, incidents, ignored


def trend(rng: Draw) -> Parts:
    """Growth or decline over the weeks."""
    means = varied_level(rng, log_uniform(rng, 0.3, 300))
    factor = rng.choice((rng.uniform(1.5, 5.0), rng.uniform(0.2, 0.7)))
    means = [mean * factor ** (minute / MINUTES) for minute, mean in enumerate(means)]
    spread = varied_spread(rng)
    values = draw_counts(rng, means, spread)
    return "errors", values, None, raise_counts(rng, values, means, spread, incidents_a_series(rng)), []


def cron(rng: Draw) -> Parts:
    """Scheduled jobs that fail a little every time: hourly, every few hours, daily."""
    means = varied_level(rng, log_uniform(rng, 0.2, 50))
    spread = varied_spread(rng) / 2
    values = draw_counts(rng, means, spread)
    for _ in range(rng.choice((1, 1, 2))):
        period = rng.choice((15, 30, 60, 60, 60, 180, 360, DAY, DAY))
        offset, length, jitter = rng.randrange(period), rng.choice((1, 1, 2, 4)), rng.choice((0, 0, 1))
        size = max(5.0, rng.uniform(3, 20) * sum(means) / MINUTES)
        for start in range(offset, MINUTES - 10, period):
            for minute in range(start, start + length):
                values[minute + rng.randint(0, jitter)] = (values[minute] or 0) + poisson(rng, size)
    return "errors", values, None, raise_counts(rng, values, means, spread, incidents_a_series(rng), 3.0), []


def quiet(rng: Draw) -> Parts:
    """Nothing ever happens: no incident, whatever the kind."""
    kind = rng.choice(("errors", "errors", "log", "requests", "latency"))
    if kind == "latency":
        noise = Noise(rng)
        return kind, [50 * math.exp(noise.draw()) for _ in range(MINUTES)], None, [], []
    means = varied_level(rng, log_uniform(rng, 0.002, 300))
    return kind, draw_counts(rng, means, varied_spread(rng)), None, [], []


def log_template(rng: Draw) -> Parts:
    """Lines of one template: rare, or common, or nothing at all for days."""
    base = log_uniform(rng, 0.0003, 50)
    means = varied_level(rng, base)
    if rng.random() < 0.25:
        silent = rng.randint(2 * DAY, 6 * DAY)
        means = [1e-5 if minute < silent else mean for minute, mean in enumerate(level(rng, min(base, 0.002)))]
    spread = varied_spread(rng)
    values = draw_counts(rng, means, spread)
    return "log", values, None, raise_counts(rng, values, means, spread, incidents_a_series(rng), 3.0), []


def gaps(rng: Draw) -> Parts:
    """Minutes that nothing is known of: single ones, hours, a day."""
    is_traffic = rng.random() < 0.4
    means = varied_level(rng, log_uniform(rng, 5 if is_traffic else 0.2, 500))
    spread = varied_spread(rng) / (3 if is_traffic else 1)
    values = draw_counts(rng, means, spread)
    place = lower_counts if is_traffic else raise_counts
    incidents = place(rng, values, means, spread, incidents_a_series(rng))
    unknown = rng.choice((None, math.nan))
    for start in places(rng, rng.randint(3, 12), first=60):
        length = rng.choice((rng.randint(1, 5), rng.randint(5, 120), rng.randint(120, DAY)))
        for minute in range(start, min(start + length, MINUTES)):
            if not any(incident.start - 30 <= minute < incident.end for incident in incidents):
                values[minute] = unknown
    share = rng.choice((0.0, rng.uniform(0.001, 0.05)))
    values = [unknown if rng.random() < share else value for value in values]
    return "requests" if is_traffic else "errors", values, None, incidents, []


FAMILIES: Final[dict[str, Callable[[Draw], Parts]]] = {
    make.__name__: make
    for make in (
        errors_diurnal, errors_low, errors_sparse, errors_ratio, latency, traffic_drop,
        deploy_shift, trend, cron, quiet, log_template, gaps,
    )
}  # fmt: skip


def make_series(family: str, half: str, number: int, pace: str = "slow") -> Series:
    """The same series for the same words, on every machine."""
    rng = Draw(f"{half} {family} {number}")
    rng.pace = PACES[pace]
    kind, values, exposures, incidents, ignored = FAMILIES[family](rng)
    return Series(f"{family} {number}", family, kind, values, exposures, incidents, ignored)
