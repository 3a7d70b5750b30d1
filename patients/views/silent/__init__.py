"""Silent runs, and the list of patients where a clinic is silent."""
