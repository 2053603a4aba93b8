"""The page itself: files of this package, and the headers that keep everything else out of it."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from cachewright.controlplane.console.paths import PAGE

FOLDER = Path(__file__).with_name("page")
ASSETS = f"{PAGE}/assets"
STYLES, BOOT = "styles.css", "boot.js"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"  # another file has another address
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    type: str
    plain: bytes
    packed: bytes  # with gzip


class Page:
    """The files below a folder, which are read once, when somebody comes."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @cached_property
    def files(self) -> dict[str, File]:
        """By their paths in the folder, but for the page that leads to them all; style sheets are sent as one."""
        paths = sorted(path for path in self._folder.rglob("*") if path.suffix in _TYPES)
        read = {path.relative_to(self._folder).as_posix(): path.read_bytes() for path in paths}
        sheets = b"".join(content for path, content in read.items() if path.endswith(".css"))
        plain = {path: content for path, content in read.items() if not path.endswith((".css", ".html"))}
        return {path: _file(content, path) for path, content in {STYLES: sheets, **plain}.items()}

    @cached_property
    def digest(self) -> str:
        """What tells these files from those of another version."""
        content = hashlib.sha256()
        for path, file in self.files.items():
            content.update(path.encode() + b"\0" + file.plain)
        return content.hexdigest()[:12]

    @cached_property
    def index(self) -> File:
        """The page, in which every module is named, so that none has to be found by loading another one."""
        home = f"{ASSETS}/{self.digest}"
        modules = [path for path in self.files if path.endswith(".js") and path != BOOT]
        links = "\n".join(f'<link rel="modulepreload" href="{home}/{path}">' for path in modules)
        text = (self._folder / "index.html").read_text()
        return _file(text.replace("{home}", home).replace("{modules}", links).encode(), "index.html")


def page_routes(page: Page) -> APIRouter:
    """The routes of the page. Every address below its own is the page itself, which finds out what it shows."""
    router = APIRouter()

    @router.get(f"{ASSETS}/{{digest}}/{{path:path}}")
    async def _asset(request: Request, digest: str, path: str) -> Response:
        file = page.files.get(path)
        if digest != page.digest or file is None:
            return Response("There is no such file.", 404, _HEADERS, "text/plain")
        return _sent(request, file, _FOREVER)

    @router.get("/favicon.ico")
    async def _icon() -> Response:
        return RedirectResponse(f"{ASSETS}/{page.digest}/icon.svg", 302)

    @router.get(PAGE)
    @router.get(f"{PAGE}/{{path:path}}")
    async def _index(request: Request) -> Response:
        return _sent(request, page.index, "no-cache")

    return router


def _sent(request: Request, file: File, kept: str) -> Response:
    headers = _HEADERS | {"cache-control": kept, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, 200, headers | {"content-encoding": "gzip"}, file.type)
    return Response(file.plain, 200, headers, file.type)


def _file(content: bytes, path: str) -> File:
    return File(_TYPES[Path(path).suffix], content, gzip.compress(content, mtime=0))
