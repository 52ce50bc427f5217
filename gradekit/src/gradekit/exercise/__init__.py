"""What a question is, and how an answer is checked, verified and practiced. Needs NumPy alone."""
