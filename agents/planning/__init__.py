"""Pure decisions: wish, status and world in; status, actions and events out."""
