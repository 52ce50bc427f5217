"""Speed and memory, each as a ratio to what a user would choose instead. Not tests: machines differ.

python -m benchmarks              all but the longest
python -m benchmarks conv2d       the named ones
python -m benchmarks.conv2d 5     one, with arguments: its docstring lists them
"""
