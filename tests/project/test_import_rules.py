"""The rules of imports: whatever breaks one is found, wherever it stands."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from docs.sections import ROOT
from tests.project.checkout import copied

pytestmark = pytest.mark.xdist_group("import rules")  # the tree is looked at once

# A new module in the room on the left, with the import on the right.
VIOLATIONS = [
    ("controlplane/model", "cachewright.controlplane.store.database"),
    ("controlplane/model", "time"),
    ("controlplane/model", "pydantic"),
    ("controlplane/model", "yaml"),
    ("controlplane/templates", "time"),
    ("controlplane/templates", "botocore"),
    ("controlplane/templates", "cachewright.controlplane.model.names"),
    ("controlplane/commands", "yaml"),
    ("controlplane/store", "cachewright.controlplane.api.dispatch"),
    ("controlplane/store", "cachewright.agents.planning.world"),
    ("controlplane/store/migrations", "fastapi"),
    ("controlplane/wire", "cachewright.controlplane.api.dispatch"),
    ("controlplane/api/common", "cachewright.controlplane.wire.query"),
    ("controlplane/api/parameter_groups", "cachewright.agents.runtime.docker"),
    ("controlplane/api/cache_clusters", "sqlalchemy"),
    ("controlplane/api/cache_clusters", "docker"),
    ("controlplane/api/replication_groups", "fastapi"),
    ("controlplane/console", "cachewright.controlplane.api.dispatch"),
    ("controlplane/console", "redis"),
    ("controlplane/console", "prometheus_client"),
    ("agents/loop", "cachewright.agents.agent"),
    ("agents/loop", "cachewright.controlplane.app"),
    ("agents/drills", "redis"),
    ("agents/drills", "cachewright.agents.loop.queue"),
    ("agents/system", "cachewright.agents.drills.zones"),
    ("agents/queries", "cachewright.controlplane.api.dispatch"),
    ("agents/outward", "cachewright.agents.snapshots.taking"),
    ("agents/reconcile", "cachewright.agents.loop.queue"),
    ("agents/reconcile", "cachewright.agents.system.gateway"),
    ("agents/reconcile", "docker"),
    ("agents/memory", "cachewright.agents.tools"),
    ("agents/memory", "pymemcache"),
    ("agents/engines", "redis"),
    ("agents/engines/redis", "pymemcache"),
    ("agents/engines/memcached", "redis"),
    ("agents/engines/redis", "cachewright.agents.runtime.runtime"),
    ("agents/runtime", "cachewright.agents.gateway.gateway"),
    ("agents/gateway", "docker"),
    ("agents/gateway", "cachewright.agents.directory.client"),
    ("agents/directory", "cryptography"),
    ("agents/directory/program", "cachewright.controlplane.model.cache"),
    ("agents/directory/program", "cachewright.agents.directory.client"),
    ("agents/directory/program", "redis"),
    ("agents/gateway/program", "cachewright.controlplane.model.cache"),
    ("agents/gateway/program", "cachewright.agents.gateway.nftables"),
    ("agents/planning", "cachewright.agents.engines.driver"),
    ("agents/planning/shards", "random"),
    ("agents/planning/nodes", "docker"),
    ("agents/newcomer", "cachewright.agents.planning.world"),
]

MODULES = {"pyyaml": "yaml"}  # that are called otherwise than what is installed
THROUGH_OTHERS = {"httptools", "psycopg"}  # Uvicorn and SQLAlchemy load them


def planted(number: int) -> str:
    return f"planted_{number}"


def complaints(tree: Path) -> str:
    """What the tool says, without line ends; nothing when every rule is kept."""
    code = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=tree, capture_output=True, text=True, check=False, timeout=120
    )
    return "" if done.returncode == 0 else re.sub(r"\s+", " ", done.stdout)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The complaints of a tree with every violation in it."""
    tree = copied(tmp_path_factory.mktemp("rules") / "tree")
    for number, (room, imported) in enumerate(VIOLATIONS):
        (tree / room).mkdir(exist_ok=True)
        (tree / room / "__init__.py").touch()
        (tree / room / f"{planted(number)}.py").write_text(f"import {imported}\n")
    return complaints(tree)


def contracts() -> list[dict[str, Any]]:
    """The rules, as they are written down."""
    rules: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return rules


@pytest.mark.parametrize(("number", "room", "imported"), [(i, *one) for i, one in enumerate(VIOLATIONS)])
def test_a_violation_is_refused(said: str, number: int, room: str, imported: str) -> None:
    name = rf"cachewright\.{re.escape(room.replace('/', '.'))}"
    if room.endswith("newcomer"):
        assert re.search(rf"{name}\b(?!\.)", said), "a new room has no place in the layers"
    else:
        assert re.search(rf"{name}\.{planted(number)}\b", said), said[-3000:]


def test_a_tree_without_violations_is_accepted(tmp_path: Path) -> None:
    assert complaints(copied(tmp_path / "tree")) == ""


def test_every_dependency_has_a_home() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed = (re.split(r"[>=\[]", line)[0] for line in project["dependencies"])
    needed = {MODULES.get(name, name.replace("-", "_")) for name in installed}
    homes = {module for rule in contracts() if rule["type"] == "protected" for module in rule["protected_modules"]}
    assert needed - THROUGH_OTHERS <= homes
