"""What the chart reads out of its data: which days, what is expected variation, months, draws in words."""
