"""The page as it is sent: what a browser is told with it, and that it is whole."""

import gzip
import re
from pathlib import Path

import pytest

from cachewright.controlplane.app import Application
from cachewright.controlplane.console.choices import choice_routes, choices
from cachewright.controlplane.console.page_routes import ASSETS, FOLDER, Page, page_routes
from tests.api.test_protocol import Answer, ask, build

WEIGHT = 150_000  # bytes that all of it may have, compressed


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


@pytest.fixture(scope="module")
def app(page: Page) -> Application:
    return build(routers=lambda: [page_routes(page), choice_routes(lambda: choices(("a", "b"), "eu-west-1"))])


def get(app: Application, path: str, **headers: str) -> Answer:
    return ask(
        app, "GET", path, {"host": "localhost"} | {name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/create", "/console/caches/1/2/3/4/timeline"])
def test_every_address_of_the_page_is_the_page(app: Application, path: str) -> None:
    answer = get(app, path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"


def test_nothing_but_its_own_files_may_run_or_be_reached(app: Application) -> None:
    policy = get(app, "/console").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_every_file_that_the_page_names_is_there_and_kept(app: Application) -> None:
    text = get(app, "/console").body.decode()
    named = re.findall(r'(?:href|src)="([^"]+)"', text)
    assert len(named) > 10
    for path in named:
        answer = get(app, path)
        assert (answer.status, "immutable" in answer.headers["cache-control"]) == (200, True), path
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_module_that_is_imported_is_there(page: Page) -> None:
    for path, file in page.files.items():
        if not path.endswith(".js"):
            continue
        for imported in re.findall(r'from "(\.[^"]+)"', file.plain.decode()):
            target = (FOLDER / path).parent.joinpath(imported).resolve()
            assert target.is_file(), f"{path} imports {imported}"


def test_nothing_comes_from_another_host(page: Page) -> None:
    for path, file in page.files.items():
        addresses = set(re.findall(r"https?://[^\s\"'`)]+", file.plain.decode()))
        known = ("http://www.w3.org/", "http://www.apache.org/", "https://www.apache.org/")
        assert not {one for one in addresses if not one.startswith(known)}, path


def test_it_is_light(page: Page) -> None:
    assert len(page.index.packed) + sum(len(file.packed) for file in page.files.values()) < WEIGHT


def test_it_is_compressed_for_those_who_can_read_that(app: Application) -> None:
    plain, packed = get(app, "/console"), get(app, "/console", accept_encoding="br, gzip")
    assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.body) == plain.body


@pytest.mark.parametrize(
    "path",
    [
        "{home}/nothing.js",
        "{home}/../page_routes.py",
        "{home}/%2e%2e/page_routes.py",
        "{home}//etc/passwd",
        "/console/assets/1/main.js",
    ],
)
def test_nothing_else_is_given_out(app: Application, page: Page, path: str) -> None:
    assert get(app, path.format(home=f"{ASSETS}/{page.digest}")).status == 404


def test_another_version_has_other_addresses(page: Page, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("{home} {modules}")
    (tmp_path / "main.js").write_text("1")
    before = Page(tmp_path).digest
    (tmp_path / "main.js").write_text("2")
    assert len({before, Page(tmp_path).digest, page.digest}) == 3


@pytest.mark.parametrize("foreign", [{"origin": "http://evil.example"}, {"host": "evil.example"}])
def test_pages_of_others_do_not_get_it(app: Application, foreign: dict[str, str]) -> None:
    assert get(app, "/console", **foreign).status == 403


def test_the_forms_are_told_what_there_is(app: Application) -> None:
    answer = get(app, "/_cachewright/choices")
    assert answer.status == 200
    assert b'"region":"eu-west-1"' in answer.body
    assert b"cache.t3.micro" in answer.body
