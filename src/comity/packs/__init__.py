"""Industry and country packs: data and templates, no logic."""
