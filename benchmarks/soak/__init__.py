"""`make soak`: caches on three hosts under writers, while hosts, agents and wishes change in an order that is drawn."""
