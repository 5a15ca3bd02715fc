"""Cards out of files: recognised, tried out, loaded in the background, taken back as one act.

model       the import, its rows with problems, and by which key a source calls a card
programs    the headers of known programs
recognising which program a file is from, and which field each column fills
reading     the look at a whole file: kinds of columns, values to be settled, sums
shaping     a row of the file to the cards it tells of
matching    which of them are here already
planning    what a part of the file would do
commands, running   doing it
undoing     taking it back
"""
