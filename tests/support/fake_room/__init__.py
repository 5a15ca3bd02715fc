"""A room of the tests above the house: proves that the core needs no business room."""
