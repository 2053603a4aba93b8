"""One module for each AWS noun: validate the request, write the spec, show the result."""
