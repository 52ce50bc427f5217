"""What a submission must not see or signal. The victim is a process of the same user; so is the watcher."""

from __future__ import annotations

from tests.hostile.attack import Attack, family

ATTACKS = [
    *family(
        "processes",
        "won",
        root=("tracing", "its_memory_as_a_file"),
        a_list_of_them="print('WON' if str(VICTIM) in os.listdir('/proc') else '')",
        a_list_by_another_program="""
            print('WON' if str(VICTIM).encode() in subprocess.run(['ps', 'ax'], capture_output=True).stdout else '')
        """,
        is_it_there="os.kill(VICTIM, 0); print('WON')",
        tracing="""
            libc.ptrace.argtypes = [ctypes.c_long] * 4
            child = os.fork()
            if child == 0:
                os._exit(0 if libc.ptrace(0x4206, VICTIM, 0, 0) == 0 else 1)
            print('WON' if os.waitpid(child, 0)[1] == 0 else '')
        """,
        its_memory_as_a_file="open(f'/proc/{VICTIM}/mem', 'r+b'); print('WON')",
        its_limits="import resource; resource.prlimit(VICTIM, resource.RLIMIT_CORE, (0, 0)); print('WON')",
        its_turn="os.setpriority(os.PRIO_PROCESS, VICTIM, 5); print('WON')",
    ),
    *family(
        "processes",
        "stopped",
        stopping_one="os.kill(VICTIM, 19)",
        stopping_its_group="os.killpg(VICTIM, 19)",
        stopping_by_a_handle="import signal; signal.pidfd_send_signal(os.pidfd_open(VICTIM), 19)",
        stopping_by_another_program="subprocess.run(['sh', '-c', f'kill -STOP {VICTIM}'])",
        stopping_the_watcher="os.kill(WATCHER, 19)",
    ),
    Attack(
        "processes",
        "a folder in proc",
        "print('WON' if os.path.exists(f'/proc/{VICTIM}') else '')",
        "won",
        lost="Landlock does not hide that a file exists, so the number of a process can be guessed",
    ),
]
