"""The modules of the console fit together: TypeScript checks what they say of their types."""

import subprocess
from pathlib import Path

import pytest

from docs.sections import ROOT
from tests.e2e.javascript import installed

TYPESCRIPT = "typescript@5"
PAGE = ROOT / "controlplane" / "console" / "page"
OPTIONS = "--allowJs --checkJs --noEmit --target es2023 --module esnext --moduleResolution bundler --lib es2023,dom"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where node finds TypeScript."""
    found = installed(tmp_path_factory.mktemp("types"), TYPESCRIPT)
    if found is None:
        pytest.skip("TypeScript cannot be had: there is no npm, or it reaches no registry")
    return found


def test_what_the_page_says_of_its_types_is_true(modules: Path) -> None:
    command = ["node", str(modules / "typescript" / "bin" / "tsc"), *OPTIONS.split(), "main.js", "boot.js"]
    said = subprocess.run(command, cwd=PAGE, capture_output=True, text=True, timeout=120, check=False).stdout
    assert [line for line in said.splitlines() if "error TS" in line and not line.startswith("vendor/")] == []
