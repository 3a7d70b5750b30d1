"""Figures for a clinic: patients by grade over time, flag to discussion, overdue share, causes found."""
