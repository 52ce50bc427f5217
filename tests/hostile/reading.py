"""What a submission must not read. Each file that matters holds a secret; to print it is to have read it."""

from __future__ import annotations

from tests.hostile.attack import Attack, family

ATTACKS = [
    *family(
        "reading",
        "secret",
        root=("the_memory_of_a_process",),
        the_gradebook="print(open(GRADEBOOK, 'rb').read())",
        the_gradebook_by_sql="print(sqlite3.connect(GRADEBOOK).execute('select * from grades').fetchall())",
        the_solutions="print(open(f'{COURSE}/source/a/1.ipynb').read())",
        its_own_hidden_tests="print(open(f'{COURSE}/autograded/mine/a/1.ipynb').read())",
        another_submission="print(open(f'{COURSE}/submitted/other/a/1.ipynb').read())",
        the_names_of_others="print(os.listdir(f'{COURSE}/submitted'))",
        by_another_program="print(subprocess.run(['cat', GRADEBOOK], capture_output=True).stdout)",
        by_the_c_library="""
            file = libc.open(GRADEBOOK.encode(), 0); buffer = ctypes.create_string_buffer(10000)
            libc.read(file, buffer, 9999); print(buffer.raw)
        """,
        through_a_link_of_its_own="os.symlink(GRADEBOOK, 'link'); print(open('link', 'rb').read())",
        through_a_second_name="os.link(GRADEBOOK, 'second'); print(open('second', 'rb').read())",
        through_the_root_of_a_process="print(open(f'/proc/{VICTIM}/root{GRADEBOOK}', 'rb').read())",
        the_environment_of_a_process="print(open(f'/proc/{VICTIM}/environ').read())",
        the_command_line_of_a_process="print(open(f'/proc/{VICTIM}/cmdline').read())",
        the_memory_of_a_process="""
            class Part(ctypes.Structure):
                _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
            buffer = ctypes.create_string_buffer(64)
            local, remote = Part(ctypes.addressof(buffer), 64), Part(SECRET_ADDRESS, 64)
            libc.process_vm_readv(VICTIM, ctypes.byref(local), ctypes.c_ulong(1), ctypes.byref(remote),
                                  ctypes.c_ulong(1), ctypes.c_ulong(0))
            print(buffer.raw)
        """,
        a_password_in_the_environment="print(os.environ['TOKEN'])",
        a_password_in_its_own_memory="""
            import re
            areas = [line.split() for line in open('/proc/self/maps')]
            with open('/proc/self/mem', 'rb', 0) as memory:
                for place, rights, *_ in areas:
                    start, end = (int(number, 16) for number in place.split('-'))
                    if rights.startswith('rw') and end - start < 500 << 20:
                        memory.seek(start)
                        print(re.findall(rb'secret-[0-9a-f]{16}', memory.read(end - start)) or '')
        """,
    ),
    Attack(
        "reading",
        "when another handed in",
        "print('WON', os.stat(f'{COURSE}/submitted/other/a/1.ipynb').st_mtime)",
        "won",
        lost="Landlock does not hold what a file is, only what is in it",
    ),
]
