"""What is wrong with a request: the status to answer with, and a sentence."""


class HookProblem(Exception):
    def __init__(self, status: int, text: str, wait: int = 0) -> None:
        super().__init__(text)
        self.status, self.text, self.wait = status, text, wait
