"""What whoever runs it asks: is it well, how much is done, what is wrong. Nothing here knows a patient."""
