"""CloudFormation templates: what they say, what follows from it, and what has to be done. Values in, values out."""
