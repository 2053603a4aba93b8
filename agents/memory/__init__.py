"""A pretend machine: containers, and the processes in them, without any of either.

It is real code held to the same contract tests as Docker. The pretend runtime starts and stops containers here, the
pretend engines and gateway talk to the processes by address, and tests break things by hand.
"""
