"""Looks into caches for a person at the console, and changes what they hold. A node is entered as clients enter it,
with what the person brings, and is never held up: every question has a limit for its time, and for what it touches.
"""
