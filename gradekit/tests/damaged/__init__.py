"""Submissions that are damaged: tables of what goes wrong on the way from a student's desk to submitted/."""
