"""What the image of PostgreSQL does before it serves, as far as the stack asks for it: a database with a password."""

import os
import subprocess
import sys
from pathlib import Path

USER = 999  # of the official image
DATA, SOCKETS = Path("/var/lib/postgresql/data"), Path("/var/run/postgresql")


def main() -> None:
    """Become its user, make the database on first use, and serve with the options given."""
    for directory in (DATA, SOCKETS):
        directory.mkdir(exist_ok=True)
        os.chown(directory, USER, USER)
    DATA.chmod(0o700)
    password = Path(os.environ["POSTGRES_PASSWORD_FILE"]).read_text()
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
    if not (DATA / "PG_VERSION").exists():
        make(os.environ["POSTGRES_USER"], password)
    os.execvp("postgres", ["postgres", "-D", str(DATA), "-c", "listen_addresses=*", *sys.argv[1:]])


def make(user: str, password: str) -> None:
    """The database of a user, of the same name."""
    told = Path("/tmp/password")
    told.write_text(password)
    ways = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={told}", "--no-locale", "--encoding=UTF8"]
    subprocess.run(["initdb", "-D", str(DATA), "-U", user, *ways], check=True)
    told.unlink()
    with (DATA / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")
    subprocess.run(
        ["postgres", "--single", "-D", str(DATA), "postgres"], input=f"CREATE DATABASE {user}\n", text=True, check=True
    )


if __name__ == "__main__":
    main()
