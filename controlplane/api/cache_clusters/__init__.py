"""The operations on cache clusters."""
