"""What the product would have said: every draw read as known when it arrived, and the flags of it counted."""
