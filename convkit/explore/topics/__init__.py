"""The topics of the explorers: question, correct answer and picture."""
