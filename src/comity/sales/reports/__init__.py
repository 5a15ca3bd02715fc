"""The reports of sales: the funnel, what was won, leads, plan and fact."""
