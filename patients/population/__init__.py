"""The population page: every patient as a point, change of the enzyme against change of INR."""
