"""Django's cache in an encrypted cache: python django_cache.py. pip install django redis

CACHE_URL is rediss://:TOKEN@HOST:PORT of a primary endpoint, CACHE_CA what `cachewright ca` prints.
"""

import os

from django.conf import settings
from django.core.cache import cache

settings.configure(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["CACHE_URL"],
            "OPTIONS": {"ssl_ca_certs": os.environ["CACHE_CA"]},
        }
    }
)
cache.set("greeting", "hello", timeout=60)
print(f"Django: {cache.get('greeting')}")  # noqa: T201 - what it is for
