"""How long deeds shall take, in words."""

from datetime import timedelta

import pytest

from cachewright.controlplane.model.pace import AS_IT_IS, FIGURES, Deed, pace_of


@pytest.mark.parametrize("text", ["", "off", " OFF "])
def test_off(text: str) -> None:
    assert pace_of(text) == AS_IT_IS
    assert {AS_IT_IS.of(deed) for deed in Deed} == {timedelta()}


def test_as_at_aws() -> None:
    assert set(FIGURES) == set(Deed)
    assert {deed: pace_of("aws").of(deed).total_seconds() for deed in Deed} == {d: FIGURES[d].seconds for d in Deed}


def test_a_factor() -> None:
    assert pace_of("0.1").of(Deed.FAILOVER) == timedelta(seconds=3)


def test_some() -> None:
    pace = pace_of("create=1.5, Failover=20")
    assert {deed: pace.of(deed).total_seconds() for deed in Deed if pace.of(deed)} == {"create": 1.5, "failover": 20}


@pytest.mark.parametrize("text", ["off", "aws", "create=1.5,failover=20"])
def test_it_is_told_as_it_is_read(text: str) -> None:
    assert pace_of(str(pace_of(text))) == pace_of(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("fast", "'fast' is neither off, nor aws, nor a factor from 0 to 1000"),
        ("-1", "'-1' is neither off"),
        ("nan", "'nan' is neither off"),
        ("1001", "'1001' is neither off"),
        ("boil=3", "'boil' is none of create, modify, reboot, failover, delete"),
        ("create=", "'' of create is no number of seconds from 0 to 86400"),
        ("create=90000", "'90000' of create is no number of seconds"),
        ("create=1,", "'' is none of create"),
    ],
)
def test_what_is_no_pace(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        pace_of(text)
