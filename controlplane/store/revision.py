"""Which tables this version of the program has."""

REVISION = "0005"  # the last step in `migrations/versions`
