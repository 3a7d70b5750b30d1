"""The rule, from paired draws to the verdict in words. [clinical.md 4]"""
