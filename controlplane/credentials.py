"""Access keys as somebody wrote them down: in a file, in the form of `~/.aws/credentials` or in our own, or a few in a
variable. ValueError says what is wrong in words for the user, never with a value: the wrong one may be a secret.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from cachewright.controlplane.model.access_keys import AccessKey, Role, account_of, is_account

_ID = re.compile(r"\w{1,128}", re.ASCII)
_FEW = re.compile(r"\w{1,128}:[^\s,]", re.ASCII)  # how keys in a variable begin
_NAMES = {  # of a file -> of a key; AWS's, then our own
    "aws_access_key_id": "id",
    "aws_secret_access_key": "secret",
    "aws_session_token": "session_token",
    "aws_account_id": "account",
    "secret": "secret",
    "session_token": "session_token",
    "account": "account",
    "role": "role",
}
_WITHOUT_KEYS = frozenset({"role_arn", "credential_process", "credential_source", "sso_session", "sso_start_url"})
_ORDER = ("id", "secret", "account", "role")  # of the parts of a key in a variable


def keys(text: str) -> dict[str, AccessKey]:
    """The keys of a file, or those that stand in the text itself: `ID:SECRET`, `ID:SECRET:ACCOUNT` or
    `ID:SECRET:ACCOUNT:reader`, with commas between them.
    """
    return _few(text) if _FEW.match(text.strip()) else of_file(_file(text))


def of_file(path: Path) -> dict[str, AccessKey]:
    """The keys of a file, one a section. Profiles of AWS's that have their keys from elsewhere are passed over."""
    from configparser import ConfigParser, Error  # noqa: PLC0415 - who has no such file starts faster without

    parser = ConfigParser(interpolation=None, delimiters=("=",), default_section="")
    try:
        parser.read_string(path.read_text())
    except OSError as error:
        raise ValueError(f"the file cannot be read: {(error.strerror or str(error)).lower()}") from None
    except (Error, UnicodeError):
        raise ValueError("the file has lines other than [section] and name = value, or one of them twice") from None
    sections = {name: parser[name] for name in parser.sections()}
    return _by_id(_of_section(name, values) for name, values in sections.items() if not _elsewhere(values))


def written(key: AccessKey) -> str:
    """A key as a section of a file."""
    return f"[cachewright]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n"


def _file(text: str) -> Path:
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError("nobody knows whose home directory that is") from None
    if not path.is_file():
        raise ValueError("there is no such file, nor is it ID:SECRET or ID:SECRET:ACCOUNT")
    return path


def _few(text: str) -> dict[str, AccessKey]:
    found = []
    for number, entry in enumerate(text.split(","), 1):
        parts = [part.strip() for part in entry.split(":")]
        if not 2 <= len(parts) <= len(_ORDER):
            raise ValueError(f"key {number} is not ID:SECRET, ID:SECRET:ACCOUNT or ID:SECRET:ACCOUNT:reader")
        found.append(_key(f"key {number}", dict(zip(_ORDER, parts, strict=False))))
    return _by_id(found)


def _elsewhere(values: Mapping[str, str]) -> bool:
    return bool(_WITHOUT_KEYS & set(values)) and not {"secret", "aws_secret_access_key"} & set(values)


def _of_section(name: str, values: Mapping[str, str]) -> AccessKey:
    """A section of our own form is called after its key; one of AWS's has other settings as well."""
    if set(values) - set(_NAMES) and "aws_access_key_id" not in values:
        raise ValueError(f"section [{name}] has a line that begins with none of {', '.join(_NAMES)}")
    parts = {_NAMES[option]: value.strip().strip("\"'") for option, value in values.items() if option in _NAMES}
    return _key(f"section [{name}]", {"id": name} | parts)


def _key(where: str, parts: Mapping[str, str]) -> AccessKey:
    identifier, role = parts["id"], parts.get("role") or Role.WRITER
    if not _ID.fullmatch(identifier):
        raise ValueError(f"{where} has an access key that is not 1 to 128 letters, digits and underscores")
    if not parts.get("secret"):
        raise ValueError(f"{where} has no secret")
    account = parts.get("account") or account_of(identifier)
    if not is_account(account):
        raise ValueError(f"{where} has an account that is not 12 digits")
    if role not in list(Role):
        raise ValueError(f"{where} has a role that is none of {', '.join(Role)}")
    return AccessKey(identifier, parts["secret"], account, Role(role), parts.get("session_token", ""))


def _by_id(found: Iterable[AccessKey]) -> dict[str, AccessKey]:
    by_id: dict[str, AccessKey] = {}
    for key in found:
        if by_id.setdefault(key.id, key) != key:
            raise ValueError(f"{key.id} is there twice, with different values")
    if not by_id:
        raise ValueError("it has no access key")
    return by_id
