"""The protocols of the Resource Groups Tagging API: JSON 1.1 and Smithy's RPC over CBOR."""
