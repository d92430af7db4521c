"""What a change does to money, people and access, told from what Pulumi's preview printed.

`preview.py` reads what was printed, `changes.py` compares before and after, `conditions.py` says
what a run can be made to fail for, `lines.py` puts everything into words, and `markdown.py`,
`terminal.py` and `document.py` write them. None of it needs a key, a network or Pulumi.
"""
