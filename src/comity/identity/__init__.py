"""Users, org tree, sessions, tokens, one-time links."""
