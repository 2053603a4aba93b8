"""Where objects are: in an S3 of the user's, or in folders of the data directory."""
