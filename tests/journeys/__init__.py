"""What people do with the product, done in a real browser. PICTURES=1 keeps pictures: VAR_DIR/screenshots."""
