"""What a class got wrong, for the next lesson: one analysis, which a page, a terminal and JSON show.

| module | content |
|---|---|
| `model.py` | the result: plain dataclasses |
| `analysis.py` | graded work -> the result |
| `questions.py` | the questions of an assignment, from its source notebooks |
| `items.py` | difficulty and discrimination of a question |
| `unexplained.py` | answers that no mistake explains, grouped by what they return; stubs that name a new mistake |
| `pictures.py` | the exercise's own picture of a mistake |
| `neighbors.py` | students with complementary mistakes, and answers that have rare text in common |
| `page.py`, `page.html` | the result as a self-contained page |
| `terminal.py` | the result as tables |
"""
