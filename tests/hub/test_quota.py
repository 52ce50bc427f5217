"""The disk quota of `deploy/jupyterhub/README.md`, on a Debian with its own kernel: this machine's may have none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hub.machine import PAGE, commands, make

pytestmark = pytest.mark.days  # two minutes: a Debian is made, and booted in a virtual machine

DEVICE = "/dev/vdb"
PACKAGES = "linux-image-cloud-amd64,ca-certificates,e2fsprogs,systemd-sysv,passwd,login"
PROGRAMS = {"mmdebstrap": "mmdebstrap", "qemu-system-x86_64": "qemu-system-x86", "mkfs.ext4": "e2fsprogs"}
BOOT = """#!/bin/bash
exec >/dev/console 2>&1
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
echo "{device} /home ext4 defaults 0 2" > /etc/fstab
mount /home
for name in ada ben chiara dora; do useradd --create-home $name; done
write() {{ setpriv --reuid=$1 --regid=$1 --init-groups fallocate -l $2 /home/$1/big && echo "$1 wrote $2"; }}
set -x
{steps}
set +x
write ada 4G; write ada 6G; write ben 6G; write dora 6G
echo written to the end
poweroff -f
"""


@pytest.fixture(scope="module")
def console(tmp_path_factory) -> str:
    """What is on the console of the virtual machine after the README's commands, and after each student has written."""
    lacking = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if lacking or os.geteuid() != 0:
        pytest.skip(f"only root makes a Debian; apt-get install {' '.join(lacking)}")
    folder = tmp_path_factory.mktemp("quota")
    system, disk, home = folder / "system", folder / "disk.img", folder / "home.img"
    make(system, PACKAGES)
    install, *steps = commands(PAGE)["Limits of a student"]
    for step in (commands(PAGE)[""][0], install):
        subprocess.run(["chroot", system, *step.split()], input="y\n", text=True, check=True, capture_output=True)
    script = BOOT.format(device=DEVICE, steps="\n".join(steps).replace("DEVICE", DEVICE))
    (system / "boot.sh").write_text(script)
    (system / "boot.sh").chmod(0o755)
    for image, *options in ((disk, "-d", system), (home,)):
        with image.open("wb") as file:
            file.truncate(30 * 10**9)  # a sparse file
        subprocess.run(["mkfs.ext4", "-q", *options, image], check=True)
    done = subprocess.run(virtual_machine(system / "boot", disk, home), capture_output=True, text=True, timeout=600)
    shutil.rmtree(folder)
    return done.stdout


def virtual_machine(boot: Path, *disks: Path) -> list[str]:
    """The command that boots the kernel in `boot`, with `/boot.sh` of the first disk as its first process."""
    command = ["qemu-system-x86_64", "-m", "1G", "-accel", "tcg", "-nographic", "-no-reboot"]
    command += ["-kernel", str(next(boot.glob("vmlinuz-*"))), "-initrd", str(next(boot.glob("initrd.img-*")))]
    command += ["-append", "root=/dev/vda rw console=ttyS0 quiet init=/boot.sh"]
    return command + [word for disk in disks for word in ("-drive", f"file={disk},format=raw,if=virtio")]


@pytest.mark.parametrize("line", ["ada wrote 4G", "dora wrote 6G"])
def test_a_student_writes_up_to_the_quota_and_one_without_a_quota_more(console, line):
    assert line in console


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_a_student_writes_no_more_than_the_quota(console, name):
    assert f"{name} wrote 6G" not in console
    assert "Disk quota exceeded" in console
    assert "written to the end" in console
