"""What people write and put their name to: signatures on the knowledge, concerns, notes."""
