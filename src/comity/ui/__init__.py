"""The kit: page shell, generic list and record pages, panels, components, and the pages of the rooms below."""
