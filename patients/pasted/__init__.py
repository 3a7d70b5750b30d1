"""A report pasted as text: lines of test, value, unit and range, or a row of a spreadsheet under its header.

Nothing is guessed: what is not plainly one result of a known test is handed back as not taken over.
"""
