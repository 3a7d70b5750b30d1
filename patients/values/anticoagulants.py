"""Anticoagulants by name: what a person can choose, and what a file may call them."""

# Substance -> kind of event.
KINDS = {
    "warfarin": "vka",
    "acenocoumarol": "vka",
    "phenprocoumon": "vka",
    "rivaroxaban": "doac",
    "apixaban": "doac",
    "edoxaban": "doac",
    "dabigatran": "doac",
    "argatroban": "direct_thrombin_inhibitor",
}
