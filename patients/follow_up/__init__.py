"""Following up what is overdue: attempts to reach a patient, and from when each test is late."""
