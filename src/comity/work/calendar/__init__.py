"""The calendar: tasks by day, week and month, and as a list."""
