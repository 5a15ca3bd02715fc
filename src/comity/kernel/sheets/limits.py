"""How much of a file is read: what is above is refused with a reason; so no file fills memory or a day."""

ROWS = 1_048_576  # as many as a spreadsheet program has
COLUMNS = 1_024
TEXT = 262_144  # characters of one cell; spreadsheet programs stop at 32,767
LINE = 1_048_576  # characters of one line of a text file
FORMULA = 1_024  # characters of a formula that are looked at
QUOTED_LINES = 500  # lines that one quoted cell may have
HEADER_ROWS = 40  # rows among which the header is looked for

ENTRIES = 5_000  # files inside an archive
UNPACKED = 4 * 1024**3  # bytes of all of them
ENTRY_RATIO = 400  # how many times larger than packed one of them may be ...
ENTRY_FREE = 32 * 1024**2  # ... where it is larger than this
PART = 64 * 1024**2  # bytes of a small part: styles, names of sheets
SHARED_TEXT = 512 * 1024**2  # bytes of the table of texts of a workbook, as XML
KEPT_TEXT = 192 * 1024**2  # bytes of those texts held in memory
TOKEN = 16 * 1024**2  # bytes of one XML tag
MERGED = 50_000  # merged ranges of a sheet
SHEETS = 1_000

PHOTO = 5 * 1024**2  # bytes of a photo in a vCard
PROPERTY = 1_048_576  # bytes of any other line of a vCard
CARD_LINES = 2_000  # properties of one card
CARD_COLUMNS = 12  # telephones, e-mails, addresses and links of one card that get columns of their own
