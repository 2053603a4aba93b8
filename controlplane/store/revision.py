"""Which tables this version of the program has."""

REVISION = "0011"  # the last step in `migrations/versions`
