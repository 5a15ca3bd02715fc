"""Employee cards, KPI, bonus."""
