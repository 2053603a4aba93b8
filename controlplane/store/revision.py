"""Which tables this version of the program has."""

REVISION = "0008"  # the last step in `migrations/versions`
