"""Auto Discovery and host names: what answers at the configuration endpoints of Memcached clusters, and for names."""
