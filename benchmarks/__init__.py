"""What `make bench` measures. Every module takes one family of figures; `families.py` lists them."""
