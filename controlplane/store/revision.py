"""Which tables this version of the program has."""

REVISION = "0007"  # the last step in `migrations/versions`
