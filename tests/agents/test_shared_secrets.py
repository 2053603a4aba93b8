"""What proves who the installation is, where several data directories share a database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cachewright.agents.system.secrets import FILES, Contradiction, DirectorySecrets, shared
from cachewright.controlplane.store.database import Store


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A database that was told by its URL."""
    store = Store(f"sqlite:///{tmp_path / 'shared.db'}")
    store.prepare()
    return store


def machine(tmp_path: Path, name: str) -> DirectorySecrets:
    (tmp_path / name).mkdir()
    return DirectorySecrets(tmp_path / name, now)


def contents(secrets: DirectorySecrets) -> dict[str, str]:
    return {name: (secrets.directory / name).read_text() for name in FILES}


def test_every_machine_proves_the_same(tmp_path: Path, store: Store) -> None:
    first, second = (shared(machine(tmp_path, name), store) for name in ("first", "second"))
    assert contents(first) == contents(second)
    assert first.credentials.password == second.credentials.password
    assert first.identity(["10.0.0.1"]).authority == second.identity(["10.0.0.2"]).authority
    modes = {name: (second.directory / name).stat().st_mode & 0o077 for name in FILES}
    assert (modes["agent.secret"], modes["ca.key"]) == (0, 0)


def test_an_installation_keeps_what_it_has(tmp_path: Path, store: Store) -> None:
    before = machine(tmp_path, "first")
    assert before.authority and before.credentials
    told = contents(before)
    assert contents(shared(DirectorySecrets(before.directory, now), store)) == told
    with store.read() as transaction:
        assert transaction.secrets.all() == told
    assert contents(shared(machine(tmp_path, "second"), store)) == told


def test_an_installation_without_encrypted_caches_keeps_its_password(tmp_path: Path, store: Store) -> None:
    before = machine(tmp_path, "first")
    password = before.credentials.password
    assert shared(DirectorySecrets(before.directory, now), store).credentials.password == password


def test_another_installation_is_not_overwritten(tmp_path: Path, store: Store) -> None:
    shared(machine(tmp_path, "first"), store)
    other = machine(tmp_path, "other")
    assert other.authority and other.credentials
    told = contents(other)
    with pytest.raises(Contradiction, match="belongs to another installation than the database"):
        shared(DirectorySecrets(other.directory, now), store)
    assert contents(other) == told


def test_a_copy_that_was_cut_short_is_finished(tmp_path: Path, store: Store) -> None:
    whole = contents(shared(machine(tmp_path, "first"), store))
    second = machine(tmp_path, "second")
    (second.directory / "agent.secret").write_text(whole["agent.secret"])
    assert contents(shared(second, store)) == whole
