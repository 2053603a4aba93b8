"""What to do about a refusal of AWS's: a hint for each kind of code."""

import re
from collections.abc import Mapping

_HINTS: Mapping[str, str] = {
    r"NotImplemented": "docs/operations.md says what is built",
    r".*(AlreadyExists|InUse).*": "choose another name, or see what there is with `cachewright list`",
    r".*NotFound.*": "`cachewright list` shows all caches, `cachewright snapshot list` all snapshots",
    r".*(State|NotAvailable)(Fault)?": "`cachewright status` shows how it is",
    r".*(Quota|CallRate).*": "delete what nobody needs, or raise it with CACHEWRIGHT_QUOTAS",
    r"(AccessDenied|SignatureDoesNotMatch|InvalidClientTokenId|MissingAuthenticationToken|.*Token.*)": (
        "CACHEWRIGHT_CREDENTIALS names the keys that may call, also to the commands"
    ),
    r"Invalid(Parameter.*|.*Type.*)": "`--help` tells what the command takes",
}


def hint(code: str) -> str:
    """What to do next about a code of AWS's; empty when nobody can say."""
    return next((words for pattern, words in _HINTS.items() if re.fullmatch(pattern, code)), "")


def is_absence(code: str) -> bool:
    """Whether it says that what was named is not there."""
    return "NotFound" in code
