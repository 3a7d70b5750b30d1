"""What people do with the product, done in a real browser. Screenshots for people: VAR_DIR/screenshots."""
