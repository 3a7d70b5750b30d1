"""SMART App Launch 2, from a record system: who launches, what is read there, and the visit that shows it.

`clients`: with whom we are registered; `fetching`: what may be asked, and how much; `configuration`: what a record
system offers; `launching`: to its sign-in and back; `tokens`: what it gives for the code; `visits`: what a browser's
session keeps; `reading`: its FHIR resources; `shown`: the page; `views`.
"""
