"""Where the text leaves a choice: the paragraph, what is open, the reading taken here and why.

A choice that is settled in the text goes off this list. Printed by `python -m tests.interpretation.alternative.notes`.
"""

import sys

NOTES = (
    # a: time
    (
        "a, d",
        "A bad sample 'leaves first', yet 'stays hard'. Here: it leaves with all its results; where its INR is "
        "the last one and no good INR lies within 4 h before it, the latest INR is not readable.",
    ),
    (
        "a",
        "What a flag on a sample takes away. Here: every result of the draw of that minute, not INR alone.",
    ),
    (
        "a",
        "A haematocrit > 0.55 with several INRs within 4 h of it. Here: it spoils each of them, INR only.",
    ),
    ("a", "'Within 4 h', '6 h', '48 h'. Here: the limit itself is within."),
    (
        "a, d",
        "Where a VKA ends a group of repeats: at its first dose, or 24 h later when it counts. Here: at both.",
    ),
    (
        "a, e",
        "An exposure in an INR's minute counts as before it, which leaves vignette 9b (dose and INR both on "
        "day 14) without its baseline. Here: an INR in the minute of the dose is still a baseline of the trial.",
    ),
    ("a", "Where in its day a draw of unknown hour stands for order and gaps in days. Here: at midnight."),
    (
        "a",
        "Whether such a draw pairs with results of the next day within 48 h. Here: with its own day only, its "
        "own draw first; how near it is to others counts from the start of its day.",
    ),
    (
        "a",
        "Two enzymes equally near to an INR. Here: the one of its draw, of its laboratory, then the earlier.",
    ),
    (
        "a",
        "The window closes at the later of INR and enzymes; where it opens. Here: look-back before the INR.",
    ),
    (
        "a, step 6",
        "One good draw and a later bad sample. Here: not assessable, since bad samples leave first; with two "
        "good draws before it, not interpretable.",
    ),
    ("a", "n of step 5. Here: at least 3 distinct enzyme results and at least 3 INRs."),
    ("a", "The enzyme peak of the acute rule. Here: of every ALT (AST) of the window, paired or not."),
    # steps
    (
        "step 2",
        "'The earliest draw holding the window's maximum that is the minimum gap before j'. Here: the highest "
        "among draws that far before.",
    ),
    (
        "step 6",
        "Two or more draws of which none can be compared (gap, no common enzyme). Here: not assessable.",
    ),
    ("step 6", "One draw only, and it under a hard confounder. Here: not assessable, as the table's order."),
    (
        "step 6",
        "Encephalopathy or ascites 'with' INR_j. Here: present at j or noted since, grade 0 apart.",
    ),
    ("step 6", "The bilirubin of a draw. Here: the nearest within 48 h in every regime."),
    (
        "step 6, method",
        "Established wants one laboratory: of INR and enzyme when falling, of the INRs when quiet. The limit of "
        "1.5 times is asked where the INRs of i and j (quiet: within e and j) differ in laboratory or method.",
    ),
    (
        "soft",
        "Whether the 14 days hold for diagnoses. Here: a soft diagnosis counts until 14 days after it ended. "
        "Cholestasis is the recorded one only.",
    ),
    ("2.2", "The limit where a laboratory sends none. Here: not quiet, not raised: the generator sends one."),
    ("point of care", "Here: never j nor INR_j; earlier ones read both with and without, the worse counts."),
    # b
    ("b", "A masked earlier INR. Here: not in e nor in the line."),
    # c
    (
        "c",
        "'Recorded in the last 7 days'. Here: an entry that starts or ends in them; one left open for months "
        "does not count.",
    ),
    ("c", "'Worse'. Here: a higher grade than every same event active in the 28 days before."),
    (
        "c",
        "The reference INR of a supported rise. Here: m of any rising window; for critical by INR alone also "
        "the INR of its baseline.",
    ),
    (
        "c, b",
        "INR_j >= 2.1 rising after a change of laboratory, below 1.5 times m. Here: never today by that, but "
        "24 to 48 h ('repeat INR now').",
    ),
    (
        "c",
        "Critical for INR >= 2.1 alone without support, course not rising. Here: 24 to 48 h; the table names "
        "no level.",
    ),
    ("c", "Under 18. Here: 2.0 wherever the table says 2.1."),
    (
        "c",
        "'Rising by the established column'. Here: its numbers and one laboratory; disease and soft "
        "confounders not asked.",
    ),
    ("c", "Non-recovering. Here: only where INR_j is paired."),
    ("c", "'With nothing given'. Here: no plasma, exchange, PCC, rFVIIa or vitamin K in 72 h before INR_j."),
    ("c", "INR >= 5 under a VKA or DOAC. Here: the latest INR of any method."),
    ("c", "'Was today on DATE': a new encephalopathy without a result for 14 days. Here: aged, as written."),
    ("c, g", "Within 14 days of a transplant. Here: urgency is read, without post-acute injury."),
    # e
    (
        "e",
        "Plasma between baseline and dose. Here: not readable too, and where the answer itself is masked.",
    ),
    ("e", "A trial that is not readable. Here: no cap, no evidence."),
    # Settled with the product, by the text where it speaks and else as written here.
    (
        "a",
        "An acute window ends at most 14 days before the last draw that can be read; what a hard confounder "
        "removes does not end it.",
    ),
    (
        "a, d",
        "An INR without an hour on the day of vitamin K or a blood product is not readable.",
    ),
    ("a", "Of two INRs of one time in two laboratories the higher stands last."),
    (
        "step 6",
        "'The latest INR' under a hard confounder is the latest laboratory INR of all, paired or not.",
    ),
    (
        "step 6, e",
        "A pattern that vitamin K has withdrawn does not keep a later INR under a drug interpretable.",
    ),
    (
        "step 6",
        "An encephalopathy whose end nobody recorded counts for 90 days; a sepsis for 14 days from its noting.",
    ),
    ("2.1", "Bounds count by their number everywhere, in slopes and tau too."),
    (
        "c",
        "Results count from the latest ALT, AST, INR or bilirubin, events from `as_of`; what 'was today' also "
        "by the events of the day of that result. Events before a transplant do not count.",
    ),
    (
        "c",
        "Older results of an organ failure are those before its run of failing values; it began within 28 days.",
    ),
    ("c", "A rise is supported by 0.5 above the median of its course, not above the baseline of an enzyme."),
    ("c", "The bilirubin that counts is the latest, of the 28 days before the latest result."),
    (
        "c, b",
        "Point-of-care INRs are earlier ones like others, for a step of 48 h, first seen and organ failure too. "
        "The course is read with and without them, each nested in the 548 days of the same methods.",
    ),
    (
        "c",
        "'Before' and 'older': an INR of the time of INR_j, from another laboratory or the bedside, is neither.",
    ),
    ("c", "A critical grade is for 24 to 48 h at least, wherever the INR stands now."),
    (
        "e",
        "Every route but by mouth is a test, also one that is not recorded; under the skin not in cholestasis.",
    ),
    (
        "g",
        "A diagnosis noted before a transplant is of the old liver where it would rule out an acute injury; for "
        "a known chronic liver disease it counts still: both are the safe reading.",
    ),
    ("g", "R stands at the latest ALP of 26 weeks with an ALT within 48 h of it."),
    (
        "4.2 DOAC",
        "72 h after a confirmed stop unless the kidneys are known to work, which no random case says: 48 h "
        "then, by the product alone.",
    ),
)

# Where the text is clear, is followed here, and may not be what is meant.
GAPS = (
    (
        "c, first seen",
        "A repeat unmakes it: INR 8.0 with bilirubin 300 is today, the same two values a day later routine; "
        "cirrhosis with 2.4 and 190 likewise 24 to 48 h, then routine. 'Not yet seen 28 days ago' would hold.",
    ),
    (
        "c, organ failure",
        "Bilirubin 8, 10, 12.5 mg/dL in eight days in cirrhosis, INR 1.4: not new, since 8 is within a "
        "reference change of 12, and not up by 71%: routine.",
    ),
    (
        "c, ageing",
        "Encephalopathy recorded today with the last result, INR 2.6, 15 days old: 1 to 2 weeks, 'was today', "
        "which it was not.",
    ),
    ("c, point of care", "INR 1.2 in the laboratory, 60 days later 4.0 at the point of care: routine."),
)


if __name__ == "__main__":
    for paragraph, text in (*NOTES, *GAPS):
        sys.stdout.write(f"{paragraph}: {text}\n")
