"""The program in the directory's container.

It knows the standard library and dnslib only, because that is all that is in there.
"""
