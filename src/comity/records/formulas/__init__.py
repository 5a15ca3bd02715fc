"""Formulas: a small language of its own for fields that nobody fills in. No model, no `eval`, nothing but this.

    tree        what a formula is made of          tokens, parsing    from text to tree
    printing    from tree to text                  shapes             kinds and units of values
    checking    does it make sense for a type      functions          the table of calls
    evaluating  the value for one card             rollups            sums over linked cards
    book        all formulas of a house: order, dependencies, circles

Units are carried along; the rules stand in `shapes`.
"""
