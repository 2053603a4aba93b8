"""What is compiled in images with a Python whose standard library is not, as out of Debian's packages or a registry: it
would be compiled anew at every start of a container, because programs there cannot write it down.
"""

PYTHON = frozenset({"directory", "nftables"})  # what is no cache engine, and runs programs of ours

# What the programs and dnslib import of the standard library, and what it takes to run one out of a directory.
MODULES = (
    *("asyncio", "base64", "binascii", "calendar", "collections", "contextlib", "copy", "ctypes", "dataclasses"),
    *("enum", "ipaddress", "json", "logging", "os", "pathlib", "pkgutil", "random", "re", "runpy", "select"),
    *("signal", "socket", "socketserver", "ssl", "string", "struct", "subprocess", "textwrap", "threading", "typing"),
)

# Whatever they import themselves is compiled, too. Bytecode that is never compared with its source is the same each
# time that it is made.
_SOURCE = f"""
import importlib, py_compile, sys
for name in {MODULES!r}:
    importlib.import_module(name)
for path in {{getattr(module, "__file__", None) or "" for module in [*sys.modules.values()]}}:
    if path.endswith(".py"):
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(path, doraise=True, invalidation_mode=mode)
"""
COMMAND = ("python3", "-I", "-B", "-W", "ignore", "-c", _SOURCE)
