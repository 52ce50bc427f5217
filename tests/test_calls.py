"""How many files a reader meets who follows a call from its arguments to its result."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

TRACED = """
import json, sys
from pathlib import Path

import numpy as np

import convkit
import gradekit
from convkit.layers import Conv2D, Input


def layer_params(kernel_size, in_channels, filters):
    return kernel_size**2 * in_channels * filters


def zeros(x, kernel, strides, padding):
    return np.zeros((1, 2, 2, 1))


def call():
    return {call}


call()  # what is imported at first use is imported now
homes = [Path(package.__file__).parent for package in (convkit, gradekit)]
files = set()


def note(frame, event, argument):
    path = Path(frame.f_code.co_filename)
    if frame.f_code.co_name != "<module>" and any(path.is_relative_to(home) for home in homes):
        files.add("/".join(path.parts[-2:]))


sys.setprofile(note)
call()
sys.setprofile(None)
print(json.dumps(sorted(files)))
"""
CALLS = {
    "convkit.conv2d(np.ones((1, 5, 5, 1)), np.ones((3, 3, 1, 2)), padding='SAME')": 4,
    "convkit.conv2d(np.ones((8, 64, 64, 8)), np.ones((3, 3, 8, 8)), strides=2)": 4,
    "convkit.summary([Input((8, 8, 3)), Conv2D(2, 3), Conv2D(4, 3)])": 8,
    "str(convkit.check('layer-params', layer_params))": 15,
    "str(convkit.check('conv2d', zeros))": 15,
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_runs_through_few_files(call):
    code = TRACED.replace("{call}", call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    files = json.loads(done.stdout)
    assert 0 < len(files) <= CALLS[call], files
