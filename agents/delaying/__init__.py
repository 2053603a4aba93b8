"""The relay that hands on later what one region sends another."""
