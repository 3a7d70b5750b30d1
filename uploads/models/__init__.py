"""What comes in: files and messages, what became of each of their rows, and what people said about them."""

from uploads.models.identity import Doubt, Whose

from .base import Said
from .files import Piece, Upload, UploadRow
from .jobs import Job
from .mappings import Mapping
from .messages import Message
from .senders import Sender

__all__ = [
    "Doubt",
    "Job",
    "Mapping",
    "Message",
    "Piece",
    "Said",
    "Sender",
    "Upload",
    "UploadRow",
    "Whose",
]
