"""Kills the product's processes at random, again and again, under load: `make chaos KILLS=200 SEED=1`.

Everything is durable here, as in production, so PostgreSQL is among those who are killed.
"""

import argparse
import os
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project.up.place import POINTER
from project.up.postgres import prepare_postgres
from project.up.services import read_tail
from project.up.supervisor import Supervisor
from tests.databases.template import begin_template
from tests.flows.plant import Plant, check, check_alert, load, running_plant, start_service, trouble
from tests.product import SECRET_KEY

WEIGHTS = {"worker": 3, "delivery": 1, "web": 3, "valkey": 1, "connections": 1, "postgres": 1}
KILLS_A_ROUND = 10
PAUSE = (0.2, 2.0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.flows.campaign", description=__doc__)
    parser.add_argument("--kills", type=int, default=int(os.environ.get("KILLS") or 200))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or secrets.randbelow(10**6)))
    options = parser.parse_args()
    say(f"seed {options.seed}, {options.kills} kills")
    with campaign_plant() as plant:
        rand = random.Random(options.seed)
        done = 0
        while done < options.kills:
            kills = min(KILLS_A_ROUND, options.kills - done)
            try:
                say(run_round(plant, rand, done, kills))
            except AssertionError as error:
                say(f"FAILED after {done} kills (seed {options.seed}): {error}\n{read_tail(plant.product.log)}")
                sys.exit(1)
            done += kills
    say(f"{done} kills: all that was acknowledged was stored once, digested once, and told")


def run_round(plant: Plant, rand: random.Random, number: int, kills: int) -> str:
    """Some kills in an environment of their own, and all checks; says what happened."""
    started = time.monotonic()
    place = plant.make_place(f"round-{number}", failures=rand.randint(0, 2))
    names = rand.choices(list(WEIGHTS), list(WEIGHTS.values()), k=kills)
    with load(plant, place, rand.randrange(10**6), surge=True) as senders:
        trouble(plant, place, senders, names, rand, PAUSE)
    check(plant, place, senders)
    check_alert(plant, place)
    place.receiver.shutdown()
    acknowledged = sum(len(sender.ledger.acknowledged) for sender in senders)
    repeats = sum(sender.ledger.repeats for sender in senders)
    tallies = ", ".join(f"{names.count(name)} {name}" for name in WEIGHTS)
    return (
        f"killed {tallies}: {acknowledged} acknowledged, {repeats} requests sent again, "
        f"told {len(place.receiver.triggers())} times, {time.monotonic() - started:.0f} s"
    )


@contextmanager
def campaign_plant() -> Iterator[Plant]:
    """The product on durable services in a temporary folder, which is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="diagnostics-chaos-"))
    supervisor = Supervisor(output=None)
    for name in ("PUBLIC_URL", "ALLOWED_HOSTS", "DEBUG", "SECRET_KEY_FILE", "GEO_DATABASE"):
        os.environ.pop(name, None)
    try:
        service = prepare_postgres(folder / "postgres", durable=True)
        postgres = start_service(supervisor, service)
        log = folder / "template.log"
        os.environ |= {"DATABASE_URL": service.url, "SECRET_KEY": SECRET_KEY, "TEMPLATE_LOG": str(log)}
        begin_template(log).wait()
        with running_plant(folder, database="chaos", postgres=postgres) as plant:
            yield plant
    finally:
        supervisor.stop_all()
        for pointer in folder.rglob(POINTER):  # run by root, PostgreSQL's data lie elsewhere
            shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
