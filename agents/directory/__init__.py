"""Auto Discovery and host names: what answers at the configuration endpoints of Memcached clusters, and for names.

Most modules are the program in the directory's container (see `recipe.PROGRAM`). They know each other, the standard
library and dnslib only, because that is all that is in it.
"""
