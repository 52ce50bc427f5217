"""Grades out of the gradebook: into the file that an LMS gave, or as plain CSV and JSON.

scores      gradebook -> one Grade for each student
sheet       bytes <-> cells of a CSV file, untouched cells kept byte for byte
csv_files   Canvas gradebook, Moodle grade CSV, Moodle offline grading worksheet
moodle_xml  Moodle XML
plan        grades + a file -> changes and refusals; writes nothing
export      the functions behind `gradekit export`
"""

from .export import export, export_into, plain_csv, plain_json

__all__ = ["export", "export_into", "plain_csv", "plain_json"]
