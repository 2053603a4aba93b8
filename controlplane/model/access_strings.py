"""Access strings: what a user may do, in the words of the engines' ACL rules, as far as AWS takes them.

Source: the ElastiCache user guide, "Specifying permissions using an access string"; `ACL SETUSER` of the engines. Which
commands there are is the engine's to say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.restricted_commands import KEPT

LONGEST = 10_000  # characters; AWS tells no limit
Version = tuple[int, ...]

ALWAYS: Version = (6, 0)
CHANNELS: Version = (6, 2)
PARTS: Version = (7, 0)

_CATEGORIES = """
admin all bitmap blocking connection dangerous fast geo hash hyperloglog keyspace list pubsub read scripting set slow
sortedset stream string transaction write
"""
CATEGORIES = frozenset(_CATEGORIES.split())
_COMMAND = r"[a-z0-9][a-z0-9._-]*"  # never like an option of the engine's command line


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of rule: how it is written, since which version of Redis (or Valkey's compatible one) there is any, and
    whether a selector can have it.
    """

    pattern: re.Pattern[str]
    since: Version = ALWAYS
    selectable: bool = True


def _form(pattern: str, since: Version = ALWAYS, *, selectable: bool = True) -> Form:
    return Form(re.compile(pattern, re.IGNORECASE), since, selectable)


FORMS: tuple[Form, ...] = (
    _form("on|off", selectable=False),
    _form("allkeys|resetkeys|allcommands|nocommands"),
    _form("allchannels|&\\*"),  # what is so anyway where there are no rules about channels
    _form("resetchannels", CHANNELS),
    _form("~.+"),
    _form("%(r|w|rw|wr)~.+", PARTS),
    _form("&.+", CHANNELS),
    _form(rf"[+-]@(?P<category>{_COMMAND})"),
    _form(rf"\+(?P<command>{_COMMAND})"),
    _form(rf"\+(?P<command>{_COMMAND}\|{_COMMAND})"),
    _form(rf"-{_COMMAND}"),
    _form(rf"-{_COMMAND}\|{_COMMAND}", PARTS),
    _form("clearselectors", PARTS, selectable=False),
)

# What engines take and AWS does not, because it has other ways for it.
FORBIDDEN = re.compile(r"[><#!].*|nopass|resetpass|reset|(skip-)?sanitize-payload", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Access:
    """An access string that was read. A selector is one rule, with its parentheses."""

    rules: tuple[str, ...]
    since: Version  # the first version that has all of it

    def __str__(self) -> str:
        return " ".join(self.rules)


def parsed(text: str, *, restricted: bool = True) -> Access:
    """An access string as it is kept: with single spaces. `restricted`: what AWS keeps for itself cannot be allowed.
    Fault for what is none, or has something in it that AWS does not take.
    """
    if len(text) > LONGEST:
        raise invalid_value(f"AccessString cannot be longer than {LONGEST} characters.")
    if not text.isprintable():
        raise _invalid("it has characters that cannot be printed")
    rules = tuple(_rules(text.split()))
    if not rules:
        raise _invalid("it has no rules")
    return Access(rules, max(_since(rule, restricted=restricted) for rule in rules))


def rules_of(text: str) -> tuple[str, ...]:
    """The rules of an access string that was read before."""
    return tuple(_rules(text.split()))


def commands_in(selector: str) -> Sequence[str]:
    """The rules within a selector."""
    return selector.removeprefix("(").removesuffix(")").split()


def is_selector(rule: str) -> bool:
    """Whether a rule stands in parentheses, and so grants something of its own."""
    return rule.startswith("(")


def _rules(words: Sequence[str]) -> Iterator[str]:
    """Words, those of a selector as one. Fault when a parenthesis is missing, or there are selectors in selectors."""
    opened: list[str] = []
    for word in words:
        if word.startswith("(") and opened:
            raise _invalid("there is a selector in a selector")
        if not (opened or word.startswith("(")):
            yield word
            continue
        opened.append(word)
        if word.endswith(")"):
            yield " ".join(" ".join(opened).removeprefix("(").removesuffix(")").split()).join("()")
            opened = []
    if opened:
        raise _invalid("a selector is not closed")


def _since(rule: str, *, restricted: bool) -> Version:
    if not is_selector(rule):
        return _checked(rule, restricted=restricted, within=False)
    return max((PARTS, *(_checked(each, restricted=restricted, within=True) for each in commands_in(rule))))


def _checked(rule: str, *, restricted: bool, within: bool) -> Version:
    """The first version that has such a rule. Fault for what is none."""
    if FORBIDDEN.fullmatch(rule):
        raise _invalid(f"{_named(rule)} cannot be part of it")
    for form in FORMS:
        if not (found := form.pattern.fullmatch(rule)) or (within and not form.selectable):
            continue
        parts = found.groupdict()
        if (category := parts.get("category")) and category.lower() not in CATEGORIES:
            raise _invalid(f"there is no category {category}")
        if restricted and (command := parts.get("command")) and _is_kept(command.lower()):
            raise _invalid(f"the command {command} is restricted")
        return form.since
    raise _invalid(f"{_named(rule)} is no rule")


def _named(rule: str) -> str:
    """What is wrong, without a secret: a word of which nothing tells what it is may be a password, too."""
    if rule[0] in "><#!":
        return "a password"
    return rule if rule[0] in "+-~&%@(" or FORBIDDEN.fullmatch(rule) else "one of its words"


def _is_kept(command: str) -> bool:
    return command in KEPT or command.partition("|")[0] in KEPT


def _invalid(why: str) -> Fault:
    return invalid_value(f"Invalid access string: {why}.")
