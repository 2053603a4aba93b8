"""The AWS query protocol, driven by botocore's service model."""
