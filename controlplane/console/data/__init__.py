"""The data of caches over HTTP: looked at and changed by whoever may enter them."""
