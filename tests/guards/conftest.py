"""One world, another beside it, and everybody, signed in."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.guards.asking import client_of
from tests.world import World, make_people, make_world


@dataclass
class Scene:
    world: World
    other: World
    people: dict[str, Any]
    clients: dict[str, Any] = field(default_factory=dict)
    bare_clients: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def scene():
    world, other = make_world("matrix-one"), make_world("matrix-two")
    people = make_people(world, other)
    clients = {who: client_of(person) for who, person in people.items()}
    bare = {who: client_of(person, renders=False) for who, person in people.items()}
    return Scene(world, other, people, clients, bare)
