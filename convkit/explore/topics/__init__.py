"""The subjects: what is asked, what is right, and what is drawn."""
