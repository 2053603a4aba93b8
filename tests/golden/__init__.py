"""What was written at a release, for each form of documents: see `written.py`."""
