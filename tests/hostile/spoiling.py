"""What a submission must not leave for the next one. The world is asked afterwards, when the kernel has ended."""

from __future__ import annotations

from tests.hostile.attack import family

ATTACKS = family(
    "spoiling",
    "left",
    a_file_for_the_next="open(f'/tmp/{MARK.decode()}', 'w').write('for you')",
    a_file_in_shared_memory="open(f'/dev/shm/{MARK.decode()}', 'w').write('for you')",
    shared_memory="libc.shmget(KEY, ctypes.c_size_t(4096), 0o1666)",
    a_semaphore="libc.semget(KEY, 1, 0o1666)",
    a_process_that_stays="""
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                subprocess.run(['sleep', SLEEP])
            os._exit(0)
    """,
    a_lock_on_the_gradebook="""
        import fcntl; held = open(GRADEBOOK, 'r+b'); fcntl.lockf(held, fcntl.LOCK_EX); print('WON')
    """,
)
