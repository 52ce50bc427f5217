"""Whom a submission must not reach. Listeners outside note who has called."""

from __future__ import annotations

from tests.hostile.attack import Attack, family

ATTACKS = [
    *family(
        "network",
        "heard",
        a_port="socket.create_connection(('127.0.0.1', PORT), timeout=2).sendall(MARK)",
        a_port_by_another_program="subprocess.run(['bash', '-c', f'echo {MARK.decode()} > /dev/tcp/127.0.0.1/{PORT}'])",
        a_datagram="socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(MARK, ('127.0.0.1', UDP_PORT))",
        a_page="import urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{PORT}/{MARK.decode()}', timeout=1)",
        an_abstract_socket="""
            caller = socket.socket(socket.AF_UNIX); caller.connect(ABSTRACT); caller.sendall(MARK)
        """,
        a_socket_in_the_course="""
            caller = socket.socket(socket.AF_UNIX); caller.connect(AGENT); caller.sendall(MARK)
        """,
        a_datagram_to_a_socket_in_the_course="""
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(MARK, LOG_SOCKET)
        """,
        a_message_to_a_socket_in_the_course="""
            socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendmsg([MARK], [], 0, LOG_SOCKET)
        """,
        a_raw_message_to_a_socket_in_the_course="""
            socket.socket(socket.AF_UNIX, socket.SOCK_RAW).sendmsg([MARK], [], 0, LOG_SOCKET)
        """,
    ),
    *family(
        "network",
        "won",
        waiting_for_calls="socket.create_server(('127.0.0.1', 0)).listen(); print('WON')",
        listening_to_the_wire="socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 1)); print('WON')",
        the_process_that_forks_kernels="socket.socket(socket.AF_UNIX).connect(FORK_SERVER); print('WON')",
    ),
    Attack(
        "network",
        "raw packets",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP); print('WON')",
        "won",
        root=True,
    ),
]
