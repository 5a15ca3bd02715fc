"""Event, event types, sequencer, hash chain, the story of a record."""
