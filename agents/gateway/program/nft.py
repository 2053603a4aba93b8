"""nft's own library, called without a process for each command."""

import ctypes

_LIBRARY = "libnftables.so.1"


class Nft:
    """Runs commands, all of a call or none."""

    def __init__(self) -> None:
        """OSError when the library is not there."""
        self._library = ctypes.CDLL(_LIBRARY)
        self._library.nft_ctx_new.restype = ctypes.c_void_p
        self._library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self._context = ctypes.c_void_p(self._library.nft_ctx_new(0))
        self._library.nft_ctx_buffer_error(self._context)

    def run(self, commands: str) -> None:
        """OSError with the kernel's or nft's first words when they are refused."""
        if self._library.nft_run_cmd_from_buffer(self._context, commands.encode()):
            complaint = self._library.nft_ctx_get_error_buffer(self._context) or b""
            raise OSError(complaint.decode(errors="replace").strip().partition("\n")[0])
