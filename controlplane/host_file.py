"""The hosts as somebody wrote them down: in a file, JSON or TOML by what stands in it, or in a variable as JSON.
ValueError says what is wrong in words for the user.
"""

from pathlib import Path

from cachewright.controlplane.model.hosts import Host, hosts_of


def hosts(text: str) -> tuple[Host, ...]:
    """The hosts that stand in the text itself, as JSON, or in the file of that name."""
    written = text.strip()
    return _parsed(written if written.startswith(("[", "{")) else _content(written))


def _content(name: str) -> str:
    try:
        return Path(name).expanduser().read_text()
    except RuntimeError:
        raise ValueError("nobody knows whose home directory that is") from None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ValueError(f"the file cannot be read: {cause.lower()}") from None


def _parsed(content: str) -> tuple[Host, ...]:
    import json  # noqa: PLC0415 - who has no hosts starts faster without
    import tomllib  # noqa: PLC0415

    is_json = content.lstrip().startswith(("[{", "{", "[]"))  # a table of TOML begins with a bracket, too
    try:
        document = json.loads(content) if is_json else tomllib.loads(content)
    except ValueError as error:
        raise ValueError(f"it is neither JSON nor TOML: {error}") from None
    return hosts_of(document)
