"""CBOR as Smithy's protocol has it. The examples are those of RFC 8949, appendix A."""

import pytest

from cachewright.controlplane.wire.tagging.cbor import DEEPEST, decoded, encoded

SAME = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (1000, "1903e8"),
    (1_000_000, "1a000f4240"),
    (1_000_000_000_000, "1b000000e8d4a51000"),
    (-1, "20"),
    (-1000, "3903e7"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    ("", "60"),
    ("\u6c34", "63e6b0b4"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
]


@pytest.mark.parametrize(("value", "written"), SAME)
def test_values_are_read_as_they_are_written(value: object, written: str) -> None:
    assert encoded(value).hex() == written
    assert decoded(bytes.fromhex(written)) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("9fff", []),
        ("f7", None),
    ],
)
def test_what_goes_on_until_it_ends(written: str, value: object) -> None:
    assert decoded(bytes.fromhex(written)) == value


@pytest.mark.parametrize(
    "written",
    [
        "",
        "18",
        "6261",
        "62c328",  # no UTF-8
        "9bffffffffffffffff",  # a list longer than any memory
        "bbffffffffffffffff",
        "9f01",
        "a10102",  # a key that is a number
        "bf6161ff",  # a key without a value
        "1c",
        "7f61616162ff",  # text in pieces
        "4101",
        "c074323031332d30332d32315432303a30343a30305a",
        "fb3ff199999999999a",
        "ff",
        "0000",
        "81" * (DEEPEST + 2) + "00",
    ],
)
def test_what_is_not_read(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decoded(bytes.fromhex(written))


def test_what_is_not_written() -> None:
    with pytest.raises(TypeError, match="cannot write float as CBOR"):
        encoded(1.5)
