"""Answers of control planes, as commands read them."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import pytest

from cachewright.controlplane.commands.answers import read


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Leaf:
    name: str
    colour: Colour = Colour.RED
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    leaves: tuple[Leaf, ...]
    height: float
    age: int = 0


@pytest.mark.parametrize("tree", [Tree((), 1.5), Tree((Leaf("a", weight=2.0), Leaf("b")), 3.0, 4)])
def test_what_was_told_is_read(tree: Tree) -> None:
    assert read(Tree, json.dumps(asdict(tree)).encode()) == tree


def test_what_a_later_version_adds_is_left_out_and_a_default_is_one() -> None:
    told = {"leaves": [{"name": "a", "sort": "oak"}], "height": 2, "forest": {}}
    assert read(Tree, json.dumps(told).encode()) == Tree((Leaf("a"),), 2.0)


@pytest.mark.parametrize(
    "told",
    [
        None, [], 5, "tree", {}, {"leaves": []}, {"leaves": {}, "height": 1}, {"leaves": "a", "height": 1},
        {"leaves": [], "height": "1"}, {"leaves": [], "height": None}, {"leaves": [5], "height": 1},
        {"leaves": [{"name": 5}], "height": 1}, {"leaves": [{"name": "a", "colour": "blue"}], "height": 1},
        {"leaves": [], "height": 1, "age": 1.5},
    ],
)  # fmt: skip
def test_what_is_something_else_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(Tree, json.dumps(told).encode())


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        read(Tree, b"<html>")
