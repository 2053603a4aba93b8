"""The metrics of CloudWatch: what each is called, and how it follows from what engines and machines say."""
