"""What comes in: files and messages, what became of each of their rows, and what people said about them."""

from uploads.models.identity import IdentityDecision, IdentityQuestion

from .base import StandingAnswer
from .files import Piece, Upload, UploadRow
from .hooks import HookCard, HookFeedback
from .jobs import Job
from .launches import LaunchClient, LaunchKey, LaunchUser, VisitLook
from .mappings import Mapping
from .messages import Message
from .persons import PersonNews
from .profiles import SenderProfile
from .senders import Sender, SenderToken, TokenScope

__all__ = [
    "HookCard",
    "HookFeedback",
    "IdentityQuestion",
    "Job",
    "LaunchClient",
    "LaunchKey",
    "LaunchUser",
    "Mapping",
    "Message",
    "PersonNews",
    "Piece",
    "StandingAnswer",
    "TokenScope",
    "Sender",
    "SenderProfile",
    "SenderToken",
    "Upload",
    "UploadRow",
    "VisitLook",
    "IdentityDecision",
]
