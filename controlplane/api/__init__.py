"""One module for each AWS noun: validate the request, write the wish, show the result."""
