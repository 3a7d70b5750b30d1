"""Why a launch does not go on: the status to answer with, a sentence, and what to do."""

AGAIN = "Go back to the record system and launch from the patient’s chart again."
TELL = "Tell whoever runs this system what this page says."
LATER = "Wait a minute, then launch from the patient’s chart again."


class LaunchProblem(Exception):
    def __init__(self, status: int, text: str, do: str = AGAIN, wait: int = 0) -> None:
        super().__init__(text)
        self.status, self.text, self.do, self.wait = status, text, do, wait
