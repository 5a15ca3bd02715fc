"""Clock, money and units, text and phone normalising, errors, storage, jobs: knows no room above."""
