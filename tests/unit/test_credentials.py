"""Files of access keys."""

from pathlib import Path

import pytest

from cachewright.controlplane import credentials
from cachewright.controlplane.model.access_keys import AccessKey, Role

OURS = """
# who may call
[AKIDWRITER]
secret = "a/b+c="
account = "123456789012"

[AKIDREADER]
secret = 'x'
account = 012345678901
role = "reader"
"""
AWS = """
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = a%b
region = us-east-1

[temporary]
aws_access_key_id=ASIATEMPORARY
aws_secret_access_key=t
aws_session_token=to/ken==
aws_account_id=123456789012
role=reader

[111122223333]
aws_access_key_id = 111122223333
aws_secret_access_key = u

[elsewhere]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = default
"""


def test_a_file_of_our_own_form(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(OURS)
    assert credentials.keys(str(file)) == {
        "AKIDWRITER": AccessKey("AKIDWRITER", "a/b+c=", "123456789012"),
        "AKIDREADER": AccessKey("AKIDREADER", "x", "012345678901", Role.READER),
    }


def test_a_file_of_awss_form(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text(AWS)
    assert credentials.keys(str(file)) == {
        "AKIDDEFAULT": AccessKey("AKIDDEFAULT", "a%b", "000000000000"),
        "ASIATEMPORARY": AccessKey("ASIATEMPORARY", "t", "123456789012", Role.READER, "to/ken=="),
        "111122223333": AccessKey("111122223333", "u", "111122223333"),
    }


def test_what_is_written_is_read(tmp_path: Path) -> None:
    key = AccessKey("AKID", "secret")
    file = tmp_path / "keys"
    file.write_text(credentials.written(key))
    assert credentials.of_file(file) == {"AKID": key}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "it has no access key"),
        ("precious", r"lines other than \[section\]"),
        ("[a]\nprecious", r"lines other than \[section\]"),
        ("[a]\nsecret=precious\n[a]\nsecret=precious", "or one of them twice"),
        ("[a]\nsecret=precious\nrole=precious", "a role that is none of writer, reader"),
        ("[a]\nsecret=precious\naccount=precious", "an account that is not 12 digits"),
        ("[a]\nsecret=precious\nrol=reader", "a line that begins with none of"),
        ("[a b]\nsecret=precious", "an access key that is not"),
        ("[a]\naccount=123456789012", r"section \[a\] has no secret"),
        ("[p]\naws_access_key_id=AKID", r"section \[p\] has no secret"),
        ("[p]\naws_access_key_id=a\naws_secret_access_key=precious\n[a]\nsecret=other", "a is there twice"),
        ("[p]\nrole_arn=x", "it has no access key"),
    ],
)
def test_what_is_wrong_is_told_without_secrets(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(ValueError, match=wrong) as told:
        credentials.keys(str(file))
    assert "precious" not in str(told.value)
    assert told.value.__cause__ is None
