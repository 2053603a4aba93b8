"""Decisions about where endpoints, Auto Discovery and host names lead."""
