"""Several Docker engines as one: each host of an installation has its own."""
