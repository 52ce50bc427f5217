"""Speed and memory, each as a ratio against what a user would pick instead. Not tests: machines differ.

python -m benchmarks            all of them
python -m benchmarks conv2d     one, also as python benchmarks/conv2d.py
"""
