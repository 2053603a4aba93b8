"""What is only shown is no business of an agent."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
AGENTS = sorted((ROOT / "agents").rglob("*.py"))


def readers(source: str) -> list[int]:
    """The lines of a module that read a presentation, or name it."""
    nodes = ast.walk(ast.parse(source))
    return [node.lineno for node in nodes if isinstance(node, ast.Attribute) and node.attr == "presentation"]


def test_no_agent_reads_a_presentation() -> None:
    found = {str(module.relative_to(ROOT)): readers(module.read_text()) for module in AGENTS}
    assert {module: lines for module, lines in found.items() if lines} == {}
    assert found


def test_a_reader_is_found() -> None:
    assert readers("def shown(cache):\n    return cache.presentation.description\n") == [2]
