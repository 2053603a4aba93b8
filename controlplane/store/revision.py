"""Which tables this version of the program has."""

REVISION = "0012"  # the last step in `migrations/versions`
