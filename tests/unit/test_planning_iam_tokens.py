"""Tokens of users of type `iam`; botocore makes them."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cachewright.agents.planning.iam_tokens import AHEAD, BATCH, LIFETIME, Entrance, hashes, tokens, window
from cachewright.controlplane.model.access_keys import AccessKey, Role

KEY = AccessKey("AKIDWRITER", "w/r+iter", "123456789012")
PASSING = replace(KEY, id="ASIAPASSING", session_token="to/ken+==")
ENTRANCE = Entrance("shop", "app-1", "eu-west-1", "123456789012")


def token(key: AccessKey, entrance: Entrance = ENTRANCE, expires: int = LIFETIME) -> tuple[str, int]:
    """A token as AWS's guide makes it with botocore, and the second of it."""
    request = AWSRequest("GET", f"http://{entrance.cache}/?Action=connect&User={entrance.user}")
    credentials = Credentials(key.id, key.secret, key.session_token or None)
    SigV4QueryAuth(credentials, "elasticache", entrance.region, expires=expires).add_auth(request)
    moment = dict(parse_qsl(request.url))["X-Amz-Date"]
    second = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    return request.url.removeprefix("http://"), int(second)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("key", [KEY, PASSING])
def test_a_token_of_botocores_is_known_by_its_hash(key: AccessKey) -> None:
    made, second = token(key)
    assert tokens(ENTRANCE, key, second)[0] == made
    assert digest(made) in hashes(ENTRANCE, [key], range(second - 5, second + 5))
    assert digest(made) not in hashes(ENTRANCE, [key], [second - 1, second + 1])


def test_others_write_the_parameters_in_other_orders() -> None:
    names = [
        [name.removeprefix("X-Amz-") for name, _ in parse_qsl(one.partition("?")[2])]
        for one in tokens(ENTRANCE, PASSING, 1_800_000_000)
    ]
    asked = ["Action", "User"]
    signed = [*asked, "Algorithm", "Credential", "Date", "Expires"]
    assert names == [
        [*signed, "SignedHeaders", "Security-Token", "Signature"],
        [*signed, "Security-Token", "SignedHeaders", "Signature"],
        [*signed, "Security-Token", "Signature", "SignedHeaders"],
        [*asked, "Security-Token", "Algorithm", "Date", "SignedHeaders", "Expires", "Credential", "Signature"],
    ]
    assert len(tokens(ENTRANCE, KEY, 1_800_000_000)) == 3  # without a session token two are the same


STRANGE = {
    "another user": replace(ENTRANCE, user="app-2"),
    "another cache": replace(ENTRANCE, cache="shop2"),
    "another region": replace(ENTRANCE, region="us-east-1"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_tokens_for_others_are_not_known(name: str) -> None:
    made, second = token(KEY, STRANGE[name])
    assert digest(made) not in hashes(ENTRANCE, [KEY], [second])


def test_tokens_of_another_lifetime_or_a_guessed_secret_are_not_known() -> None:
    for made, second in (token(KEY, expires=60), token(replace(KEY, secret="guessed"))):
        assert digest(made) not in hashes(ENTRANCE, [KEY], [second])


def test_only_keys_of_the_account_that_may_do_more_than_read_let_in() -> None:
    strangers = [replace(KEY, account="210987654321"), replace(KEY, role=Role.READER)]
    assert hashes(ENTRANCE, strangers, [1]) == {}
    assert len(hashes(ENTRANCE, [*strangers, KEY, PASSING], [1, 2])) == 2 * (3 + 4)


def test_the_window_moves_batch_by_batch() -> None:
    begin = 1_800_000_000 // BATCH * BATCH
    first = window(datetime.fromtimestamp(begin, UTC))
    assert first == window(datetime.fromtimestamp(begin + BATCH - 0.01, UTC))
    assert (first[0], first[-1]) == (begin - LIFETIME, begin + BATCH + AHEAD - 1)
    assert window(datetime.fromtimestamp(begin + BATCH, UTC))[0] == first[0] + BATCH
