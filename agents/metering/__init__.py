"""The relay that counts what a serverless cache with a limit is asked to do."""
