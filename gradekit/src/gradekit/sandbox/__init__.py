"""A fence around each submission's kernel: what a student's code may see, touch and use up.

A fenced kernel reads the installed packages and the data files beside its notebook, writes to a scratch folder that
ends with it, has no network, sees no other process, and is ended when it uses too much. Layers see to it, most of
them twice; each is tried, and what cannot be had on a machine is said.

| the file | the question it answers |
|---|---|
| `layers.py` | which layers has it, and what does each one hold? |
| `allowed.py` | what may a submission read, write and know? |
| `plan.py` | what is one kernel's fence to be, and what are its limits? |
| `build.py` | how is it put up? |
| `rooms.py` | what does a submission see of the machine? |
| `landlock.py` | how is it kept to its files? |
| `calls.py` | which system calls are refused? |
| `watch.py` | how is it watched, ended and cleared away? |
| `output.py` | how much may it print? |
| `provisioner.py` | how does Jupyter ask for a fenced kernel? |
| `active.py` | which layers can be had here? |
| `setup.py` | how does a course choose it? |
| `system.py` | what does it ask of Linux that Python has no function for? |
| `fit.py` | what has to change in a Jupyter kernel for it to fit inside? |
| `figures.py` | how does a graded kernel show figures in less time? |
| `enter.py` | the program that fences itself and then runs a module |
"""
