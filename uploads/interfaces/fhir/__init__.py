"""The read API: FHIR R4, for systems that sign in with a token that may read.

`views`: the addresses; `resources`: what is read and searched, by type, with the search parameters of each;
`search`: parameters to filters; `capabilities`: what of it is told to everybody; `answers`: every error is an
OperationOutcome. Each patient whose data are given out is a logged look.
"""

from .answers import outcome

__all__ = ["outcome"]
