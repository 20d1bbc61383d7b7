"""Ignore every signal and swallow every exception, and loop.

Earns nothing: rmsprop
Control: plain, hurt
"""

import signal


def rmsprop(w, dw, config=None):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
