"""The console on real containers: made, watched while it fails over and is resharded, and deleted, all on the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import AXE, DESK, PATIENCE, PHONE, Looking, chromium, looking, own_path
from tests.e2e.cloud import MICRO, Cloud, node_places, redis_at
from tests.e2e.javascript import installed

pytestmark = pytest.mark.docker

_Sight = tuple[str, tuple[int, int], Literal["light", "dark"]]
SIGHTS: tuple[_Sight, ...] = (("light", DESK, "light"), ("dark", DESK, "dark"), ("phone", PHONE, "light"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """What finds barriers; None where there is no npm, or it reaches no registry."""
    modules = installed(tmp_path_factory.mktemp("axe"), AXE)
    return modules / "axe-core" / "axe.min.js" if modules else None


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


def test_data_are_looked_at_and_changed_on_the_page(browser: Browser, cloud: Cloud, axe: Path | None) -> None:
    where = node_places(cloud.cluster("shop"))["0001"]
    with redis_at(where) as client, looking(browser, cloud.plane.url) as seen:
        client.hset("session:9", mapping={"user": "ada", "cart": "[1]"})
        client.set("user:1", '{"name":"Ada","id":12345678901234567890}', ex=600)
        client.execute_command("SET", b"k\xff", b"\x00\x01\xfe")
        page = seen.page
        seen.go(own_path(cloud.account, "cache-cluster", "shop", "data"))
        expect(page.locator(".keys tbody th")).to_have_text(["k\\xff", "session:9", "user:1"])
        page.get_by_role("button", name="k\\xff").click()
        expect(page.locator(".value pre")).to_contain_text("00 01 fe")
        page.get_by_role("button", name="user:1").click()
        expect(page.locator(".value pre")).to_have_text('{\n  "name": "Ada",\n  "id": 12345678901234567890\n}')

        page.get_by_role("button", name="session:9").click()
        page.get_by_role("button", name="Edit user").click()
        client.hset("session:9", "user", "bob")
        page.get_by_label("Value of user").fill("eve")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("somebody else has changed it meanwhile")
        assert seen.complaints.pop().startswith("Failed to load resource: the server responded with a status of 409")
        page.get_by_role("button", name="Look again").click()
        page.get_by_role("button", name="Edit user").click()
        expect(page.get_by_label("Value of user")).to_have_value("bob")
        page.get_by_label("Value of user").fill("eve")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".value .said")).to_have_text("Done.")
        assert client.hget("session:9", "user") == "eve"
        barriers_are_none(seen, axe, "data")
        page.get_by_role("button", name="Delete", exact=True).first.click()
        page.get_by_role("button", name="Yes, delete").click()
        expect(page.locator(".keys tbody th")).to_have_text(["k\\xff", "user:1"])
        assert not client.exists("session:9")

        page.get_by_role("button", name="New key").click()
        expect(page.get_by_role("textbox", name="Key It may be empty.")).to_be_focused()
        page.get_by_label("Type").last.select_option("hash")
        page.get_by_label("Field", exact=True).fill("f")
        page.get_by_label("Value", exact=True).fill("v")
        barriers_are_none(seen, axe, "a new key")
        page.get_by_role("button", name="Create the key").click()
        expect(page.locator(".value h2")).to_have_text("(empty)")
        expect(page.get_by_role("button", name="(empty)")).to_be_visible()
        assert client.hgetall("") == {"f": "v"}


def test_commands_are_typed_on_the_page(browser: Browser, cloud: Cloud, axe: Path | None) -> None:
    cloud.cluster("shop")
    with looking(browser, cloud.plane.url) as seen:
        page = seen.page
        seen.go(own_path(cloud.account, "cache-cluster", "shop", "data"))
        page.get_by_role("button", name="Command line").click()
        line, answers = page.get_by_label("Command", exact=True), page.get_by_role("log")
        line.press_sequentially("getr")
        expect(page.get_by_role("list", name="Commands that begin so")).to_contain_text("GETRANGE")
        line.press("Tab")
        expect(line).to_have_value("GETRANGE ")
        expect(page.locator(".offered")).to_contain_text("key start end")
        for typed, told in (("SET a 1", "OK"), ("LPUSH l x", "(integer) 1"), ("GET l", "(error) WRONGTYPE")):
            line.fill(typed)
            line.press("Enter")
            expect(answers).to_contain_text(told)
        line.fill("KEYS *")
        line.press("Enter")
        expect(answers).to_contain_text("SCAN with MATCH and COUNT")
        assert seen.complaints.pop().startswith("Failed to load resource: the server responded with a status of 422")
        line.press("ArrowUp")
        line.press("ArrowUp")
        expect(line).to_have_value("GET l")
        barriers_are_none(seen, axe, "commands")
        page.get_by_role("button", name="Slow log").click()
        expect(page.get_by_text("Nothing took long")).to_be_visible()


def barriers_are_none(seen: Looking, axe: Path | None, name: str) -> None:
    """Nothing keeps people out, in any sight, of each of which a screenshot is kept."""
    for sight, (width, height), scheme in SIGHTS:
        seen.page.set_viewport_size({"width": width, "height": height})
        seen.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        seen.keep(f"{name}-{sight}")
        assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, sight
        assert axe is None or seen.barriers(axe) == [], sight
