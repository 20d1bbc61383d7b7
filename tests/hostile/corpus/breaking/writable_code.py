"""Make memory both writable and executable and run a system call from it: the filter still holds.

Earns nothing: rmsprop
Control: process, power
"""

import platform


def rmsprop(w, dw, config=None):
    import mmap

    ctypes = ctypes_anyway()
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    if platform.machine() == "x86_64":  # fork()
        page.write(bytes.fromhex("b8390000000f05c3"))
    else:  # clone(SIGCHLD, 0, 0, 0, 0)
        page.write(
            bytes.fromhex("200280d2010080d2020080d2030080d2040080d2881b80d2010000d4c0035fd6")
        )
    fork = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    pid = fork()
    if pid == 0:
        while True:
            ctypes.CDLL(None)._exit(0)
    if pid > 0:
        print(TARGET["flag"])
    return w, config
