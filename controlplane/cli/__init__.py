"""The `cachewright` command: what is typed, and what its end tells. What the commands do is in `commands`."""

from cachewright.controlplane.cli.screen import Screen


def main() -> None:
    """The entry point of the command."""
    Screen().run()
