"""ElastiCache on your own machine, with real engines.

The two packages in it are the folders `controlplane` and `agents` at the top of the repository, under a name of our
own: other projects have an `agents`, too.
"""
