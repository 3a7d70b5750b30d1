"""What a case is: records, analytes, units, and cases as JSON."""
