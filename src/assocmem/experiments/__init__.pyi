from .records import Record as Record
from .records import published as published
from .records import read as read
from .records import write as write
