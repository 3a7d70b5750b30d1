"""What is sent apart from the page: all figures at once, and a drawing as a file."""
