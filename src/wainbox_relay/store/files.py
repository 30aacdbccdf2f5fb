"""The names of what lies in the data folder, and in a backup of it."""

MAIN_FILE = "main.sqlite3"
JOURNAL_FILE = "journal.sqlite3"
MEDIA_FOLDER = "media"
MEDIA_LIST = "media.txt"
"""In a backup: the digests of the media files it speaks of, one a line."""
