"""Which tables this version of the program has."""

REVISION = "0006"  # the last step in `migrations/versions`
