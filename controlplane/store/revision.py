"""Which tables this version of the program has."""

REVISION = "0009"  # the last step in `migrations/versions`
