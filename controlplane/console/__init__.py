"""What Cachewright shows of itself over HTTP, outside the AWS API."""
