"""Pure decisions: spec, status and world in; status, actions and events out."""
