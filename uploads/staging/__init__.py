"""What lies between a file and the record: kept bytes, long jobs, waiting and rejected rows."""
