"""The server: it listens at once, and is composed of the store, the API and the agent behind the socket."""
