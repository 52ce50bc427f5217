"""How a submission must not get out: new privileges, new file systems, system calls that go around the sandbox."""

from __future__ import annotations

from tests.hostile.attack import Attack, family


def needs_root(**attacks: str) -> list[Attack]:
    return [Attack("escape", name.replace("_", " "), code, "won", root=True) for name, code in attacks.items()]


ATTACKS = [
    *family(
        "escape",
        "won",
        a_namespace_of_its_own="""
            child = os.fork()
            if child == 0:
                os._exit(0 if libc.unshare(0x10000000 | 0x20000) == 0 else 1)
            print('WON' if os.waitpid(child, 0)[1] == 0 else '')
        """,
        a_namespace_for_a_child="""
            child, number = os.fork(), {'x86_64': 56, 'aarch64': 220}[os.uname().machine]  # clone
            if child == 0:
                os._exit(0 if call(number, 0x10000000 | 17, 0, 0, 0, 0) >= 0 else 1)
            print('WON' if os.waitpid(child, 0)[1] == 0 else '')
        """,
        a_file_of_its_grader="open(CONNECTION_FILE, 'r+'); print('WON')",
        a_program_in_memory_alone="print('WON' if libc.memfd_create(b'x', 0) >= 0 else '')",
        a_key_for_the_next_one="print('WON' if call(248, b'user', b'hostile', b'note', 4, -4) > 0 else '')",
        a_program_with_privileges="""
            found = open('/proc/self/status').read()
            print('WON' if 'NoNewPrivs:\\t0' in found else '')
        """,
    ),
    *needs_root(
        a_mount="""
            os.makedirs('here', exist_ok=True)
            child = os.fork()
            if child == 0:
                libc.unshare(0x20000); libc.mount(b'none', b'/', None, ctypes.c_ulong(0x44000), None)
                os._exit(0 if libc.mount(b'x', b'here', b'tmpfs', ctypes.c_ulong(0), None) == 0 else 1)
            print('WON' if os.waitpid(child, 0)[1] == 0 else '')
        """,
        another_root="""
            child = os.fork()
            if child == 0:
                os._exit(0 if libc.chroot(b'.') == 0 else 1)
            print('WON' if os.waitpid(child, 0)[1] == 0 else '')
        """,
        a_device_of_its_own="os.mknod('disk', 0o60600, os.makedev(254, 0)); print('WON')",
        the_program_that_runs_after_a_crash="open('/proc/sys/kernel/core_pattern', 'r+'); print('WON')",
        the_passwords_of_the_system="open('/etc/shadow'); print('WON')",
        a_privilege="""
            found = open('/proc/self/status').read()
            print('WON' if 'CapEff:\\t0000000000000000' not in found else '')
        """,
    ),
]
