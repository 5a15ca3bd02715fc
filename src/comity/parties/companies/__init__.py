"""Companies: the clients and partners of the firm."""
