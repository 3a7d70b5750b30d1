"""Sentences that no case of a file, form or command provokes, and why."""

_SAID = {
    "sign-ins, the log of looks and the chain of audit have tests of their own: see tests/accounts": [
        "The name and the code do not go together, or the code is over.",
        "Give days as 2026-11-30.",
        "Nobody has exactly the sign-in name “{}”.",
        "{}\nTaken once, until {} UTC.",
        "The head {} is not in this chain: it was made anew since that head was written down, or the head belongs "
        "to another database.",
        "{} rows in {} seals fit, {} are not sealed yet.",
    ],
    "the safety case has tests of its own: see tests/patients/report/test_hazards.py": [
        "{} in the hazards.",
        "The tests are not here, as in a bundle: check where the whole project is.",
    ],
    "pages with forms of their own: see tests/uploads/interfaces, tests/patients/chart_review, tests/patients/review": [
        "Enter the last day.",
        "It opens until the end of this day, {} at the latest.",
        "Choose a day from today to {}.",
        "Choose at least one.",
        "Name the review.",
        "Two reviewers and who decides are three people.",
        "Answer yes or no.",
        "Say how soon.",
        "One of {}.",
        "Choose a cause.",
        "Say how sure.",
        "Say what the concern is.",
        "Choose who follows it.",
        "Write something first.",
    ],
    "commands that say what they have done, each with tests of its own": [
        "{} may ask /cds-services for {}.",
        "{} may launch /smart/launch for {}, {}.",
        "manage.py add_sender --block ends that.",
        "No record system “{}” launches for “{}”. See manage.py add_record_system.",
        "{} vouches for {} no more.",
        "{} did not vouch for it.",
        "Nobody has the sign-in name “{}”.",
        "{} of {} is {} here.",
        "Counted over {}.",
        "{} is an operator of this installation.",
        "Taken once at /staff/code/, until {} UTC.",
        "On {} this database was {}.",
    ],
    "needs a database that is gone: see tests/config/test_outage.py": [
        "The database does not answer: the worker waits for it. Check DATABASE_URL and that the server runs.",
    ],
    "needs a disk that is nearly full: see tests/config/operating/test_full.py": [
        "%s The files wait.",
    ],
    "needs a file of a size that no test can afford": [
        "The file holds more than {} parts. Split the bundle into smaller ones and upload those.",
        "The bundle holds more than {} entries. Split it into smaller ones and upload those.",
        "The file holds more than {} results. Split it into smaller files.",
        "It holds more than {} rows or results, which is the most that can be read at once. Export in parts (_since, "
        "_type) and upload those.",
        "The files unpack to more than {} GB. Export in parts (_since, _type) and upload those.",
        "The file holds {} rows or results; at most {} can be read at once. Split it into smaller files and "
        "upload those.",
        "Copy the table into a new workbook, or save it as “CSV UTF-8”, and upload that.",
    ],
    "stands in for what the models of FHIR may say one day": [
        "it cannot be read as FHIR R4. Export it again.",
        "it is not as FHIR R4 defines it. Compare this element with the standard.",
        "the value is no number. Send the number alone.",
    ],
    "needs a workbook older than Excel 97: see tests/uploads/importers/test_old_sheets.py": [
        "Older than Excel 97: an error such as #N/A is read as an empty cell, what shows 85% as 0.85.",
    ],
    "a guard: the readers before it have refused such a row": [
        "the value is missing. Fill it in.",
        "The sheet is empty. Save it again and check that it holds a header and rows.",
    ],
    "needs what a person has said before: see tests/uploads/staging and tests/uploads/identity": [
        "The columns “{}” and “{}” are both {}. Keep one, or undo under Mappings what was said of the other.",
        "is never read here: the clinic decided so under Mappings.",
        "A new patient: files may not add patients in this clinic before a person has said so.",
        "{} without a unit is {}, {} has said. Undo that under Mappings first.",
    ],
    "tests that are kept as they are sent: see tests/patients/test_other_results.py": [
        "Another result of the same test and minute counts: the one that stands first.",
        "a text of more than {} signs is not kept.",
        "In the record, where it does not count.",
        "{} gives {} for the same test and minute: both are kept, {}.",
        "{} {} for the same test and day, and neither has a time: both are kept.",
    ],
    "messages about people have tests of their own: see tests/uploads/interfaces/test_people_messages.py": [
        "no number of this clinic is given (PID-3). Ask the sender to fill it in.",
        "no former number of this clinic is given (MRG-1). Ask the sender to fill it in.",
        "a number or a name is too long. Ask the sender for shorter ones.",
    ],
    "stands on the note of a prescription and refuses nothing: see tests/uploads/importers/fhir": [
        "Prescribed; whether it was taken is not said.",
    ],
    "stands on the result itself and refuses nothing: see tests/uploads/importers": [
        "Another result of the same test and minute counts: the later-verified or final one.",
        "Another result of the same test and minute counts: the higher one, until a person decides.",
        "Two results of one minute, {} and {}: the higher counts.",
        "Superseded in the record.",
        "{} limits and dates sent as OBX of their own belong to these results.",
        "another file of this batch says the same with another {}. Keep one of the two.",
    ],
    "of a worker: see tests/uploads/staging": [
        "A worker stopped {} times while it did this, perhaps for lack of memory. Nothing of it is stored. "
        "Start it again, split the file into smaller ones, or ask the system administrator.",
        "Something went wrong here. Nothing was stored. The system’s log says more.",
        "Cancelled: nothing was stored.",
        "This is finished already: there is nothing to cancel.",
        "There is nothing to start again here.",
        "The record changed since this preview. Nothing was stored: look at the new preview below.",
    ],
    "a record that the rule fails on: see tests/patients/commands": [
        "{} of them could not be read: the system’s log says more.",
    ],
    "says what was done": [
        "Undone: what these files brought is withdrawn.",
        "The files were read again.",
        "{}, {} still need a person.",
        "{} be read now and wait for confirmation.",
        "{} being read by a worker.",
        "{} stored again.",
        "{} more wait: “manage.py replay_messages” stores them.",
        "Listening on {}:{} for {} ({}){}.",
        " Read with {}: {}.",
        "Watching {} (Ctrl-C stops).",
        "Their rows: {}.",
        "In use: knowledge {} ({}). Compared with {} ({}), {}.",
        "{} of {} patients would read differently.",
        "Demo clinic “{}”: {} invented patients, {} of them new. Sign in as {}; password {}.",
        "{}: {} patients over {} months in {} s.",
    ],
    "needs a port, a database or a file that goes away meanwhile": [
        "The daily report cannot be written: {}: {}.",
        "Cannot listen on {}:{}: {}.",
        "The database cannot be used (%s). Next try in %.0f s.",
        "It could not be read: too large, or no file. See what the command printed.",
    ],
    "asserted by the tests of their reader: see tests/uploads/importers, tests/patients/values and "
    "tests/uploads/interfaces": [
        "The JSON gives “{}” two values in one place, and nothing tells which of them counts. Export it "
        "again with one of them.",
        "{}: not given, nothing to keep.",
        "Times without a zone are read in that of their message (MSH-7): {}. If they are not meant so, "
        "set the sender’s time zone under Senders.",
        "“{}” is no sign such as < or >. Correct it or leave it empty.",
        "{}, but that day has several results without an hour: withdraw the right one by hand.",
        "{} {} for the same test and day, and neither has a time: both are kept as two draws and "
        "marked, the higher counts.",
        "{} is yet to come.",
        "Choose a person.",
        "Say from when.",
        "Say until when.",
        "{}: “{}” is not plainly one number.",
        "No cell {}. There are: {}.",
        "--count: at least 1 patient.",
        "Replayed: {} of {}, among {} followed for {} months in all: {} per 100 patients a month.\nRaised here: {}.",
    ],
    "anticoagulants: see tests/patients/forms/test_anticoagulant_form.py and "
    "tests/uploads/importers/test_anticoagulants.py": [
        "“{}” is not an anticoagulant known here. Write none, or one such as warfarin.",
        "The file says that no anticoagulant is taken, and the record holds one without a confirmed "
        "stop: confirm it on the patient’s page.",
        "The file does not say since when. Add a column anticoagulant_since; about is enough.",
        "Open this form again.",
        "A drug is chosen: choose “taking” too, or no drug.",
        "Choose which anticoagulant is taken.",
        "Choose “none”, or which other anticoagulant is taken now.",
        "Enter since when; about is enough.",
        "{} is recorded. Enter when it was stopped.",
        "Confirm that the drug was stopped then, or leave the day empty.",
        "The stop is before the start.",
        "This day lies before the date of birth.",
    ],
    "the first start and the form of a meeting's times: see tests/config/test_announcements.py and "
    "tests/meetings/test_attendance.py": [
        "Loading the demo: invented patients and meetings (about a minute, only this once) ...",
        "Enter when the meeting began.",
        "Enter when the meeting ended.",
    ],
}
REASONS = {text: why for why, texts in _SAID.items() for text in texts}
