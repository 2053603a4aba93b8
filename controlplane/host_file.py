"""The hosts of a file, JSON or TOML by what stands in it. ValueError says what is wrong in words for the user."""

from pathlib import Path

from cachewright.controlplane.model.hosts import Host, hosts_of


def hosts(text: str) -> tuple[Host, ...]:
    """The hosts that the file of that name tells of."""
    import json  # noqa: PLC0415 - who has no such file starts faster without
    import tomllib  # noqa: PLC0415

    try:
        content = Path(text).expanduser().read_text()
    except RuntimeError:
        raise ValueError("nobody knows whose home directory that is") from None
    except (OSError, UnicodeError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ValueError(f"the file cannot be read: {cause.lower()}") from None
    try:
        document = json.loads(content) if content.lstrip().startswith(("[{", "{", "[]")) else tomllib.loads(content)
    except ValueError as error:
        raise ValueError(f"the file is neither JSON nor TOML: {error}") from None
    return hosts_of(document)
