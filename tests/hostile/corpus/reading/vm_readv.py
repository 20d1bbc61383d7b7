"""Copy the grader's memory by process_vm_readv. It must get nothing.

Earns nothing: rmsprop
Control: process, secret
"""


def rmsprop(w, dw, config=None):
    ctypes = ctypes_anyway()
    mine = ctypes.create_string_buffer(64)
    pair = ctypes.c_size_t * 2
    here, there = pair(ctypes.addressof(mine), 64), pair(TARGET["address"], 64)
    ctypes.CDLL(None).process_vm_readv(TARGET["grader"], here, 1, there, 1, 0)
    print(mine.raw)
    return w, config
