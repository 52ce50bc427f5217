"""What a submission must not change. The course is compared before and after: names, bytes, modes and times."""

from __future__ import annotations

from tests.hostile.attack import family

ATTACKS = family(
    "writing",
    "changed",
    root=("the_time_of_a_device",),
    over_the_gradebook="open(GRADEBOOK, 'wb').write(b'100 points')",
    a_grade_by_sql="""
        book = sqlite3.connect(GRADEBOOK); book.execute("update grades set score = 100"); book.commit()
    """,
    a_file_into_the_course="open(f'{COURSE}/nbgrader_config.py', 'w').write('')",
    into_its_own_notebook="open(f'{COURSE}/autograded/mine/a/1.ipynb', 'a').write(' ')",
    nothing_where_another_submission_was="os.remove(f'{COURSE}/submitted/other/a/1.ipynb')",
    another_name_for_a_submission="os.rename(f'{COURSE}/submitted/other', f'{COURSE}/submitted/zoe')",
    nothing_into_a_submission="os.truncate(f'{COURSE}/submitted/other/a/1.ipynb', 0)",
    a_mode_that_nobody_can_read="os.chmod(f'{COURSE}/submitted/other/a/1.ipynb', 0)",
    a_time_that_makes_it_late="os.utime(f'{COURSE}/submitted/other/a/1.ipynb', (0, 0))",
    the_time_of_a_device="os.utime('/dev/full')",
    a_folder_beside_the_others="os.makedirs(f'{COURSE}/submitted/made-up/a')",
    a_link_into_the_course="os.symlink('/', f'{COURSE}/submitted/root')",
    by_another_program="subprocess.run(['sh', '-c', f'echo > {GRADEBOOK}'])",
    through_the_folder_of_a_process="open(f'/proc/{VICTIM}/cwd/gradebook.db', 'wb').write(b'')",
    a_package_that_others_import="open(f'{PACKAGES}/hostile_package.py', 'w').write('')",
    a_start_file_that_others_run="""
        os.makedirs(f'{HOME}/.ipython/profile_default/startup', exist_ok=True)
        open(f'{HOME}/.ipython/profile_default/startup/a.py', 'w').write('print(1)')
    """,
    into_every_open_file="""
        for number in range(3, 200):
            try:
                about = os.fstat(number)
                if (about.st_dev, about.st_ino) == LOG: os.write(number, b'forged')
            except OSError:
                pass
    """,
)
