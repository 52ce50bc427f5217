"""Autograding for any nbgrader course: questions that name mistakes, a sandbox, and parallel grading."""
