"""Names of events and topics."""

from datetime import UTC, datetime

import pytest

from cachewright.controlplane.model.notifications import Notice, Notification, Topic, is_foreign


def test_a_message_is_one_pair_of_json() -> None:
    topic = Topic("000000000000", "us-east-1", "arn:aws:sns:us-east-1:000000000000:t")
    notice = Notice(1, topic, Notification.SNAPSHOT_TAKEN, "shop-001", datetime(2026, 1, 1, tzinfo=UTC))
    assert notice.message == '{"ElastiCache:SnapshotComplete": "shop-001"}'


@pytest.mark.parametrize(
    ("region", "account", "foreign"),
    [("us-east-1", "000000000000", False), ("eu-west-1", "000000000000", True), ("us-east-1", "1" * 12, True)],
)
def test_a_topic_of_another_account_or_region_is_foreign(region: str, account: str, foreign: bool) -> None:
    assert is_foreign(f"arn:aws:sns:{region}:{account}:t", "000000000000", "us-east-1") is foreign
