"""Two cards become one, and can become two again."""
