"""The console on real containers: made, watched while it fails over and is resharded, and deleted, all on the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PATIENCE, Looking, chromium, looking, own_path
from tests.e2e.cloud import MICRO, Cloud

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def primary(seen: Looking) -> str:
    """Who leads, in the picture."""
    return str(seen.page.locator(".picture .node.primary .name").first.text_content())


def test_a_cache_is_made_fails_over_and_is_deleted_on_the_page(browser: Browser, cloud: Cloud) -> None:
    with looking(browser, cloud.plane.url) as seen:
        page = seen.page
        seen.go("/create")
        page.get_by_label("Name").fill("shop")
        page.get_by_label("Account").fill(cloud.account)
        expect(page.get_by_role("region", name="the command of the AWS CLI")).to_contain_text(
            "--replication-group-id shop"
        )
        page.get_by_role("button", name="Create", exact=True).click()
        expect(page).to_have_url(f"{cloud.plane.url}/console{own_path(cloud.account, 'replication-group', 'shop')}")
        expect(page.locator(".head .badge")).to_contain_text("available", timeout=2 * PATIENCE)
        assert primary(seen) == "shop-001"

        page.get_by_role("link", name="Actions").click()
        page.evaluate("window.sameAsBefore = true")
        page.get_by_role("button", name="Fail over").click()
        expect(page.locator(".picture .node.primary .name")).to_have_text("shop-002", timeout=2 * PATIENCE)
        expect(page.locator(".arrow.primary")).to_have_count(1)
        expect(page.locator(".head .badge")).to_contain_text("available", timeout=2 * PATIENCE)
        assert page.evaluate("window.sameAsBefore"), "the page was loaded again"
        page.get_by_role("link", name="Timeline").last.click()
        expect(page.locator(".entries")).to_contain_text("shop-002 is primary now")
        expect(page.locator(".entries")).to_contain_text("TestFailover")
        seen.keep("failed-over")

        page.get_by_role("link", name="Actions").click()
        page.get_by_role("button", name="Delete shop").click()
        expect(page.get_by_role("alert")).to_have_text("Type shop to delete it.")
        page.get_by_label("Its name, to be sure").fill("shop")
        page.get_by_role("button", name="Delete shop").click()
        expect(page.get_by_text("This cache is gone, or never was")).to_be_visible(timeout=2 * PATIENCE)
    cloud.await_nodes()


def test_slots_are_seen_to_move(browser: Browser, cloud: Cloud) -> None:
    cloud.api.create_replication_group(
        ReplicationGroupId="slots",
        ReplicationGroupDescription="of a test",
        Engine="valkey",
        CacheNodeType=MICRO,
        NumNodeGroups=2,
        NodeGroupConfiguration=[{"ReplicaCount": 0, "Slots": slots} for slots in ("0-12999", "13000-16383")],
        AutomaticFailoverEnabled=True,
        CacheParameterGroupName="default.valkey8.cluster.on",
    )
    with looking(browser, cloud.plane.url) as seen:
        page = seen.page
        seen.go(own_path(cloud.account, "replication-group", "slots", "actions"))
        expect(page.locator(".head .badge")).to_contain_text("available", timeout=2 * PATIENCE)
        expect(page.locator(".legend li")).to_have_text(["shard 0001: 13000 slots", "shard 0002: 3384 slots"])
        page.get_by_label("Number of shards").fill("1")
        page.get_by_role("button", name="Reshard").click()
        expect(page.locator(".slots .moving")).to_be_visible()
        expect(page.locator(".legend li")).to_have_text(["shard 0001: 16384 slots"], timeout=2 * PATIENCE)
        seen.keep("resharded")
