"""Figures of nodes: looked at when somebody asks, and put to a CloudWatch of the user's each minute."""
