"""Terraform with the AWS provider, where both are on this machine: nothing is downloaded."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.plane import environment

MIRRORS = (os.environ.get("TF_PLUGIN_DIR", ""), "/opt", str(Path.home() / ".terraform.d"), "/usr/share")
PROVIDER = "registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws*"
NO_DIFFERENCE = 0  # of `plan -detailed-exitcode`
PATIENCE = 600  # seconds for one command, on a machine that does much else
# The provider waits by itself before it looks, for up to 30 s: whatever can be under way together shall be.
TOGETHER = "-parallelism=40"
# Each command starts the provider, which then makes the schemas of all services: with less care for its memory, it
# takes two thirds of the time that it takes otherwise.
HASTY = {"GOGC": "400"}

SETTINGS = """
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path = "{mirror}"
  }}
}}
"""


def missing() -> str:
    """What there is too little of to run it; empty when nothing is."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    return "" if next(_mirrors(), None) else "no mirror with the AWS provider of Terraform"


def _mirrors() -> Iterator[Path]:
    """Directories with the provider in the layout of a mirror."""
    for folder in filter(None, MIRRORS):
        yield from (binary.parents[5] for binary in Path(folder).rglob(PROVIDER))


@dataclass(frozen=True, slots=True)
class Terraform:
    """Terraform in a directory, asked for what the files beside this one say."""

    directory: Path

    def begin(self, given: Mapping[str, str]) -> None:
        """It has its provider, its wishes, and the values of their variables."""
        for file in Path(__file__).parent.glob("*.tf"):
            shutil.copy(file, self.directory)
        self._write("given.auto.tfvars.json", json.dumps(given))
        self._write("settings", SETTINGS.format(mirror=next(_mirrors())))
        self._done("init")

    def change(self, values: Mapping[str, object]) -> None:
        """Some variables have other values from now on."""
        self._write("changed.auto.tfvars.json", json.dumps(values))

    def apply(self) -> None:
        """What is asked for is there, and Terraform sees nothing to change in it."""
        self._done("apply", "-auto-approve", TOGETHER)
        ended = self._run("plan", "-detailed-exitcode")
        assert ended.returncode == NO_DIFFERENCE, ended.stdout + ended.stderr

    def destroy(self) -> None:
        """Nothing of it is there any more."""
        self._done("destroy", "-auto-approve", TOGETHER)

    def _done(self, *arguments: str) -> None:
        ended = self._run(*arguments)
        assert ended.returncode == 0, ended.stderr

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {"TF_CLI_CONFIG_FILE": str(self.directory / "settings"), "TF_IN_AUTOMATION": "1", **HASTY}
        command = ["terraform", *arguments, "-no-color", "-input=false"]
        where, patience = self.directory, PATIENCE
        return subprocess.run(
            command, cwd=where, env=environment() | own, capture_output=True, text=True, timeout=patience, check=False
        )

    def _write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)
