"""The operations of the Resource Groups Tagging API, for the resources that there are here."""
