"""What comes in: files and messages, what became of each of their rows, and what people said about them."""

from .base import Said
from .files import Piece, Upload, UploadRow
from .jobs import Job
from .mappings import Mapping
from .messages import Message
from .profiles import SenderProfile
from .senders import Sender
from .whose import Doubt, Whose

__all__ = [
    "Doubt",
    "Job",
    "Mapping",
    "Message",
    "Piece",
    "Said",
    "Sender",
    "SenderProfile",
    "Upload",
    "UploadRow",
    "Whose",
]
