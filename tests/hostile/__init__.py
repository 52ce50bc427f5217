"""Submissions that attack: tables of code, and how it is known from outside whether an attack has succeeded."""
