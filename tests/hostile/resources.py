"""What a submission must not use up. Each has a kernel of its own, with small limits; the code says WON if it may."""

from __future__ import annotations

from dataclasses import dataclass

from tests.hostile.attack import Attack

# Limits that each attack passes at once, and none of which an ordinary kernel comes near.
SMALL = {"memory": 900, "processor": 60, "processes": 20, "files": 100, "disk": 16, "output": 1, "wall": 600}


@dataclass(frozen=True)
class Greedy(Attack):
    """`ended` is the limit that ends the kernel; without it, the attack fails with an error, or is cut short."""

    ended: str = ""
    limit: tuple[str, int] | None = None


def greedy(name: str, code: str, ended: str = "", limit: tuple[str, int] | None = None) -> Greedy:
    return Greedy("resources", name, code, "won", ended=ended, limit=limit)


def flood(name: str, code: str) -> Greedy:
    return Greedy("resources", name, code, "flood")


ATTACKS = [
    greedy("memory", "held = b'x' * (1100 << 20); time.sleep(4); print('WON')", "memory"),
    greedy(
        "memory of many processes",
        """
        for number in range(8):
            if os.fork() == 0:
                held = b'x' * (150 << 20); time.sleep(9); os._exit(0)
        time.sleep(6); print('WON')
        """,
        "memory",
    ),
    greedy(
        "memory that no process has",
        """
        files = [libc.memfd_create(b'x', 0) for _ in range(50)]
        print('WON' if all(os.write(file, b'x' * (1 << 20)) for file in files) else '')
        """,
    ),
    greedy(
        "memory in socket buffers",
        """
        for number in range(8):
            if os.fork() == 0:
                for _ in range(700):
                    pair = socket.socketpair(); globals()[_, number] = pair; pair[0].setblocking(False)
                    try:
                        while True: pair[0].send(b'x' * 65536)
                    except BlockingIOError: pass
                time.sleep(9); os._exit(0)
        time.sleep(6); print('WON')
        """,
        "memory",
        ("files", 1600),
    ),
    greedy(
        "memory in page tables",
        """
        import mmap
        unreserved = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000
        held = mmap.mmap(-1, 500 << 30, flags=unreserved, prot=mmap.PROT_READ)
        for at in range(0, len(held), 2 << 20): held[at]
        time.sleep(4); print('WON')
        """,
        "memory",
    ),
    greedy(
        "memory that no process has mapped in",
        """
        import mmap
        held = mmap.mmap(-1, 1100 << 20)
        for at in range(0, len(held), 4096):
            held[at] = 1
            if at % (64 << 20) == 0: held.madvise(mmap.MADV_DONTNEED)
        held.madvise(mmap.MADV_DONTNEED); time.sleep(4); print('WON')
        """,
        "memory",
    ),
    greedy("processor time", "while time.process_time() < 2.5: pass\nprint('WON')", "processor", ("processor", 1)),
    greedy(
        "processor time of many processes",
        """
        for number in range(3):
            if os.fork() == 0:
                while time.process_time() < 0.6: pass
                os._exit(0)
        for number in range(3): os.wait()
        print('WON')
        """,
        "processor",
        ("processor", 1),
    ),
    greedy(
        "processes",
        """
        children = []
        for number in range(60):
            child = os.fork()
            if child == 0:
                time.sleep(5); os._exit(0)
            children.append(child)
        time.sleep(0.5); print('WON'); [os.kill(child, 9) for child in children]
        """,
        "processes",
    ),
    greedy(
        "threads",
        """
        for _ in range(400): threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
        time.sleep(0.5); print('WON')
        """,
        "processes",
    ),
    greedy(
        "open files",
        """
        held = []
        try:
            for _ in range(300): held.append(os.open('/dev/null', os.O_RDONLY))
            print('WON')
        finally:
            for file in held: os.close(file)  # a kernel without open files says nothing more
        """,
    ),
    greedy("one large file", "with open('large', 'wb') as file: file.write(b'x' * (20 << 20))\nprint('WON')"),
    greedy(
        "many files",
        """
        for number in range(40):
            with open(f'part{number}', 'wb') as file: file.write(b'x' * (1 << 20))
        time.sleep(0.5); print('WON')
        """,
    ),
    greedy("many empty files", "for number in range(30_000): open(f'{number}', 'w').close()\nprint('WON')"),
    greedy(
        "no end", "import signal; signal.signal(2, signal.SIG_IGN); time.sleep(2); print('WON')", "wall", ("wall", 1)
    ),
    flood("much to read", "print('x' * (3 << 20))"),
    flood(
        "much to see",
        """
        from IPython.display import display
        for _ in range(4): display({'text/plain': 'x' * (1 << 20)}, raw=True)
        """,
    ),
    flood("much by another program", "subprocess.run(['head', '-c', '3000000', '/dev/zero'])"),
    flood("much in an error", "raise ValueError('x' * (3 << 20))"),
]
