"""Tasks, notes, planners, calendars."""
