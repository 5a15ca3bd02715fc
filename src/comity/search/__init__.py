"""Finding: full text, phone fragments, likely duplicates."""
