"""What is known to go wrong in each exercise: wrong rules, each with a name and words."""
