"""Celery with an encrypted cache as broker and backend: celery -A celery_tasks worker. pip install "celery[redis]"

CACHE_URL is rediss://:TOKEN@HOST:PORT of a primary endpoint, CACHE_CA what `cachewright ca` prints.
"""

import os

from celery import Celery

URL = f"{os.environ['CACHE_URL']}/0?ssl_cert_reqs=required&ssl_ca_certs={os.environ['CACHE_CA']}"
app = Celery("celery_tasks", broker=URL, backend=URL)


@app.task
def greet(text: str) -> str:
    """Run by a worker."""
    return f"Celery: {text}"


if __name__ == "__main__":
    print(greet.delay("hello").get(timeout=30))  # noqa: T201 - what it is for
