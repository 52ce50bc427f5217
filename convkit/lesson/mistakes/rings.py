"""Mistakes in the zeros that SAME adds for a stride of 1 (`ring-zeros`)."""

from __future__ import annotations

from gradekit import Mistake

from .padding import SHARES

_COUNT = "With a stride of 1 the output has to be as long as the input. Try n=5 and count the positions."

RING_ZEROS = (
    *(
        Mistake(
            name,
            lambda k, share=share: share(k - 1),
            did,
            helps,
            lambda k, how=how: f"{k} - 1 = {k - 1} in all; {how}",
        )
        for name, did, helps, share, how in SHARES
    ),
    Mistake(
        "as-many-as-the-kernel",
        lambda k: (k // 2, k - k // 2),
        "In all, it adds as many zeros as the kernel has pixels.",
        _COUNT,
        lambda k: f"{k} in all; half of them on each side",
    ),
    Mistake("no-padding", lambda k: (0, 0), "It adds no zeros at all, as VALID does.", _COUNT, lambda k: "no zeros"),
    Mistake(
        "always-one",
        lambda k: (1, 1),
        "It adds 1 zero on each side for every kernel.",
        "That fits a kernel of size 3. How far does a larger kernel reach beyond the first pixel?",
        lambda k: "1 on each side",
    ),
)
