"""Several agents over one database and one pretend machine of many hosts, in virtual time and one thread."""
