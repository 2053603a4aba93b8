"""The console for everybody: what it looks like, how it is reached, and who is kept out. On the pretend runtime."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import AXE, DESK, PHONE, chromium, looking, own_path
from tests.e2e.firefox import firefox
from tests.e2e.javascript import installed
from tests.e2e.plane import Plane
from tests.e2e.waiting import until

ACCOUNT = "000000000000"
PRETEND = {"CACHEWRIGHT_RUNTIME": "memory"}
GROUP = own_path(ACCOUNT, "replication-group", "orders")
PAGES = {
    "caches": "",
    "group": GROUP,
    "figures": f"{GROUP}/figures",
    "timeline": f"{GROUP}/timeline",
    "connect": f"{GROUP}/connect",
    "actions": f"{own_path(ACCOUNT, 'replication-group', 'sessions')}/actions",
    "drills": f"{GROUP}/drills",
    "memcached": own_path(ACCOUNT, "cache-cluster", "pages"),
    "create": "/create",
    "snapshots": "/snapshots",
    "users": "/users",
    "parameters": "/parameters",
    "global": "/global",
    "everything": "/timeline",
    "gone": own_path(ACCOUNT, "cache-cluster", "gone"),
}
LIKE_OTHERS = frozenset({"memcached", "everything", "gone"})
SIGHTS = {"light": (DESK, "light"), "dark": (DESK, "dark"), "phone": (PHONE, "light")}
EVIL = "evil.example"
ONE: dict[str, Any] = {"Engine": "memcached", "NumCacheNodes": 1}
HEADED, FOLLOWS = "!!document.querySelector('h1')", "!!document.querySelector('.live.live')"
LISTED = "[...document.querySelectorAll('.caches .name')].map((link) => link.textContent)"
REBOOT = "[...document.querySelectorAll('.deed button')].find((button) => button.textContent.startsWith('Reboot '))"
SAID = "[...document.querySelectorAll('.deed .said')].map((said) => said.textContent).join()"
STEPS = 40  # of the keyboard, to anything


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane with some caches."""
    with pretending(tmp_path_factory.mktemp("console") / "data") as plane:
        api = plane.client(ACCOUNT)
        usual: dict[str, Any] = {"ReplicationGroupDescription": "of a test", "AutomaticFailoverEnabled": True}
        usual |= {"CacheNodeType": "cache.t3.micro"}
        api.create_replication_group(ReplicationGroupId="orders", Engine="valkey", NumCacheClusters=3, **usual)
        api.create_replication_group(
            ReplicationGroupId="sessions", Engine="redis", NumNodeGroups=3, ReplicasPerNodeGroup=1, **usual
        )
        api.create_cache_cluster(
            CacheClusterId="pages",
            Engine="memcached",
            CacheNodeType="cache.t3.micro",
            NumCacheNodes=3,
            AZMode="cross-az",
        )
        api.get_waiter("replication_group_available").wait(WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})
        api.get_waiter("cache_cluster_available").wait(WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})
        yield plane


@contextmanager
def pretending(data_dir: Path, **settings: str) -> Iterator[Plane]:
    plane = Plane(data_dir, settings=PRETEND | settings)
    try:
        plane.up()
        yield plane
    finally:
        assert plane.stop() == 0
    assert "Traceback" not in plane.log.read_text()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    modules = installed(tmp_path_factory.mktemp("axe"), AXE)
    if modules is None:
        pytest.skip("axe-core cannot be had: there is no npm, or it reaches no registry")
    return modules / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("sight", SIGHTS)
def test_no_page_keeps_anybody_out(browser: Browser, plane: Plane, axe: Path, sight: str) -> None:
    size, scheme = SIGHTS[sight]
    with looking(browser, plane.url, size, color_scheme=scheme, reduced_motion="reduce") as seen:
        for name, path in PAGES.items():
            if sight != "light" and name in LIKE_OTHERS:
                continue
            seen.go(path)
            seen.page.locator("h1").wait_for()
            seen.keep(f"{name}-{sight}")
            assert seen.barriers(axe) == [], name
            wide = seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} is wider than the screen"


def test_every_page_comes_and_follows_in_firefox(plane: Plane, tmp_path: Path) -> None:
    with firefox(tmp_path / "profile") as seen:
        for path in (path for name, path in PAGES.items() if name not in LIKE_OTHERS):
            seen.go(f"{plane.url}/console{path}")
            until(f"{path} is there", lambda: seen.told(HEADED) and seen.told(FOLLOWS))
        seen.go(f"{plane.url}/console")
        until("the list is there", lambda: seen.told(LISTED))
        plane.client(ACCOUNT).create_cache_cluster(CacheClusterId="fox", CacheNodeType="cache.t3.micro", **ONE)
        until("the new one is on the page", lambda: "fox" in seen.told(LISTED))
        seen.go(f"{plane.url}/console{own_path(ACCOUNT, 'cache-cluster', 'fox', 'actions')}")
        until("there are actions", lambda: seen.told(f"!!{REBOOT}"))
        seen.told(f"{REBOOT}.click()")
        until("it is asked for", lambda: "It is asked for" in seen.told(SAID))
        plane.client(ACCOUNT).delete_cache_cluster(CacheClusterId="fox")
        until("it is gone", lambda: "This cache is gone" in seen.told("document.body.textContent"))
        assert seen.complaints == []


def test_hands_on_the_keyboard_are_enough(browser: Browser, plane: Plane) -> None:
    with looking(browser, plane.url) as seen:
        page = seen.page
        seen.go()
        page.keyboard.press("Tab")
        expect(page.get_by_text("Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.type("sess")
        expect(page.locator(".caches li")).to_have_count(1)
        walk_to(page, "sessions")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_be_focused()
        walk_to(page, "Actions")
        page.keyboard.press("Enter")
        walk_to(page, "Fail over")
        page.keyboard.press("Enter")
        expect(page.locator(".deed .said").first).to_contain_text("It is asked for")


def walk_to(page: Page, words: str) -> None:
    """Press Tab until something that says so has the focus."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            return
    raise AssertionError(f"{words!r} is not reached within {STEPS} steps")


def test_a_drill_is_held_and_told(browser: Browser, plane: Plane) -> None:
    with looking(browser, plane.url) as seen:
        seen.go(f"{GROUP}/drills")
        seen.page.get_by_label("For seconds").fill("1")
        seen.page.get_by_role("button", name="Begin").click()
        expect(seen.page.locator(".report h2")).to_have_text("Kill, orders: over")
        expect(seen.page.locator(".report tbody th")).to_have_text("orders")
        expect(seen.page.locator(".outage .answered").first).to_be_attached()
        expect(seen.page.locator(".outage figcaption")).to_contain_text("longest time without one")
        seen.keep("drill")


def test_a_user_enters_with_a_password_that_is_shown_nowhere(browser: Browser, plane: Plane) -> None:
    secret = "a-secret-of-a-test"
    with looking(browser, plane.url) as seen:
        page = seen.page
        seen.go("/users")
        card = page.locator(".deed", has_text="Create a user").first
        card.get_by_label("User id").fill("reader")
        card.get_by_label("Access string").fill("on ~app::* +@read")
        card.locator("input[type=password]").first.fill(secret)
        card.get_by_text("As a command").click()
        expect(card.locator("pre")).to_contain_text('--passwords "$PASSWORD"')
        card.get_by_role("button", name="Create the user").click()
        expect(page.get_by_role("row", name="reader")).to_contain_text("1 password")
        page.get_by_role("link", name="Timeline").click()
        expect(page.locator(".entries")).to_contain_text("CreateUser")
        expect(page.locator(".entries")).to_contain_text("Passwords=(hidden)")
        assert secret not in page.content()
        page.get_by_role("link", name="Users").click()
        page.get_by_label("User to delete").select_option("reader")
        page.get_by_label("Its id, to be sure").fill("reader")
        page.get_by_role("button", name="Delete the user reader").click()
        page.get_by_role("link", name="Timeline").click()
        expect(page.locator(".entries")).to_contain_text("DeleteUser")


def test_a_snapshot_becomes_another_cache(browser: Browser, plane: Plane) -> None:
    plane.client(ACCOUNT).create_snapshot(ReplicationGroupId="sessions", SnapshotName="evening")
    with looking(browser, plane.url) as seen:
        page = seen.page
        seen.go("/snapshots")
        page.get_by_role("link", name="Restore evening").click()
        page.get_by_label("Name").fill("morning")
        told = page.get_by_role("region", name="the fragment of CloudFormation")
        expect(told).to_contain_text("SnapshotName: evening")
        expect(told).to_contain_text("NumNodeGroups: 3")
        page.get_by_role("button", name="Restore", exact=True).click()
        expect(page).to_have_url(f"{plane.url}/console{own_path(ACCOUNT, 'replication-group', 'morning')}")
        expect(page.locator(".head .badge")).to_contain_text("available")
        page.get_by_role("link", name="Actions").click()
        page.get_by_label("Its name, to be sure").fill("morning")
        page.get_by_role("button", name="Delete morning").click()
        expect(page.get_by_text("This cache is gone, or never was")).to_be_visible()


def test_a_parameter_is_changed_or_refused_in_place(browser: Browser, plane: Plane) -> None:
    plane.client(ACCOUNT).create_cache_parameter_group(
        CacheParameterGroupName="own", CacheParameterGroupFamily="valkey8", Description="of a test"
    )
    with looking(browser, plane.url) as seen:
        page = seen.page
        seen.go("/parameters")
        page.get_by_role("button", name="Change maxmemory-policy").click()
        expect(page.locator("#new-value")).to_be_focused()
        page.locator("#new-value").fill("nonsense")
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_role("alert")).to_contain_text("InvalidParameterValue")
        seen.complaints.clear()  # the browser's about the status
        page.locator("#new-value").fill("allkeys-lru")
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_role("row", name="maxmemory-policy")).to_contain_text("allkeys-lru")


def test_a_serverless_cache_is_shown_and_deleted(browser: Browser, plane: Plane) -> None:
    plane.client(ACCOUNT).create_serverless_cache(ServerlessCacheName="auto", Engine="valkey")
    with looking(browser, plane.url) as seen:
        seen.go(own_path(ACCOUNT, "serverless-cache", "auto", "actions"))
        expect(seen.page.locator(".head .badge")).to_contain_text("available")
        expect(seen.page.locator(".picture .node")).to_have_count(2)
        seen.page.get_by_label("Its name, to be sure").fill("auto")
        seen.page.get_by_role("button", name="Delete auto").click()
        expect(seen.page.get_by_text("This cache is gone, or never was")).to_be_visible()


def test_addresses_are_shared_and_go_back_and_forward(browser: Browser, plane: Plane) -> None:
    with looking(browser, plane.url) as seen:
        page = seen.page
        seen.go("?show=memcached")
        expect(page.locator(".caches .name")).to_have_text(["pages"])
        page.get_by_role("link", name="pages").click()
        page.get_by_role("link", name="Connect").click()
        expect(page.locator("pre").first).to_contain_text("nc ")
        page.go_back()
        page.go_back()
        expect(page.locator(".caches .name")).to_have_text(["pages"])
        page.go_forward()
        expect(page).to_have_title("pages · Cachewright")
        page.goto(f"{plane.url}/console/100%")
        expect(page.get_by_text("There is no such page")).to_be_visible()


def test_a_refusal_is_aws_s_own_and_changes_nothing(browser: Browser, plane: Plane) -> None:
    with looking(browser, plane.url) as seen:
        seen.go("/create")
        seen.page.get_by_label("Name").fill("9lives")
        with seen.page.expect_response(f"{plane.url}/"):
            seen.page.get_by_role("button", name="Create", exact=True).click()
        expect(seen.page.get_by_role("alert")).to_contain_text("InvalidParameterValue")
        expect(seen.page.get_by_label("Name")).to_have_value("9lives")
        assert seen.complaints.pop().startswith("Failed to load resource: the server responded with a status of 400")


def test_who_has_no_key_is_asked_for_one_and_keeps_it_through_a_break(browser: Browser, tmp_path: Path) -> None:
    with (
        pretending(tmp_path / "data", CACHEWRIGHT_CREDENTIALS="AKIDEXAMPLE:its+secret/:123456789012") as plane,
        looking(browser, plane.url) as seen,
    ):
        page = seen.page
        page.goto(f"{plane.url}/console/create")
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
        seen.keep("sign-in")
        for secret in ("wrong", "its+secret/"):
            page.get_by_label("Access key", exact=True).fill("AKIDEXAMPLE")
            page.get_by_label("Secret access key").fill(secret)
            page.get_by_role("button", name="Let me in").click()
            if secret == "wrong":
                expect(page.get_by_role("alert")).to_contain_text("The request signature we calculated does not match")
        page.get_by_role("link", name="Caches").click()
        expect(page.get_by_text("There is no cache yet")).to_be_visible()
        seen.keep("empty")
        page.get_by_role("link", name="Create a cache").first.click()
        page.get_by_label("Name").fill("mine")
        page.get_by_role("button", name="Create", exact=True).click()
        expect(page.locator(".head .badge")).to_be_visible()
        expect(page.locator(".facts")).to_contain_text("123456789012")
        page.reload()
        expect(page.locator("h1")).to_have_text("mine")
        assert page.context.cookies() == []
        other = page.context.new_page()
        other.goto(f"{plane.url}/console")
        expect(other.get_by_role("heading", name="Who are you?")).to_be_visible()
        plane.kill()
        expect(page.locator(".live.away")).to_be_visible()
        plane.up()
        expect(page.locator(".live.live")).to_be_visible()
        expect(page.locator(".head .badge")).to_contain_text("available")
        page.get_by_role("button", name="Forget the key").click()
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
        assert all("403" in complaint or "ERR_" in complaint for complaint in seen.complaints)
        seen.complaints.clear()


class Foreign(BaseHTTPRequestHandler):
    """A page of somebody else's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title>")

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""


@contextmanager
def foreign() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


TRY = """async ([url, method, headers, body]) => {
  const mode = Object.keys(headers).length ? "cors" : "no-cors";
  try { return (await fetch(url, { method, headers, body, mode })).status; }
  catch (error) { return String(error); }
}"""


def test_pages_of_others_read_nothing_and_do_nothing(browser: Browser, plane: Plane) -> None:
    delete = "Action=DeleteReplicationGroup&Version=2015-02-02&ReplicationGroupId=orders"
    context = browser.new_context()
    page = context.new_page()
    with foreign() as url:
        page.goto(url)
        signed = {
            "authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/elasticache/aws4_request"
        }
        assert page.evaluate(TRY, [f"{plane.url}/?{delete}", "POST", {}, "x"]) == 0  # sent, and not to be read
        assert "TypeError" in page.evaluate(TRY, [f"{plane.url}/?{delete}", "POST", signed, ""])
        assert "TypeError" in page.evaluate(TRY, [f"{plane.url}/_cachewright/stream", "GET", signed, None])
    answer = page.goto(f"http://{EVIL}:{plane.port}/console")
    assert answer
    assert answer.status == 403
    context.close()
    (group,) = plane.client(ACCOUNT).describe_replication_groups(ReplicationGroupId="orders")["ReplicationGroups"]
    assert group["Status"] != "deleting"
