"""`comity bench`: a base of a given size, the real server under a stopwatch, and a bare page beside it as the measure.

__main__    the run, in a process with a home of its own
figures     goals, lines of the report, JSON
generate    the base: as the commands would have made it, written straight into the tables
cards       rows of a card, and the events that tell of it
sales       deals on their way, tasks, leads
bulk        rows into tables, thousands at a time
names       what people and companies are called
imports     how fast a file comes in, and how pages answer meanwhile (`comity bench --imports`)
duplicates  how fast a base is looked through for likely pairs (`comity bench --duplicates`)
reference   the measure: one file without anything of the house's frame
postgres    a PostgreSQL server in a temporary folder
run         one run over a generated base
servers     starting the house and the reference; their memory and processor time
visits      what is asked of the server, by whom; queries and bytes of each page
sales_visits  the same for boards, deals, Today and reports
stopwatch   requests over a new connection each, interleaved with the reference
"""
