"""What a child can't import later where it may open no file: imported by the zygote."""

# ruff: noqa: F401
import __future__

import argparse
import array
import ast
import bisect
import bz2
import calendar
import cmath
import code
import configparser
import cProfile
import csv
import dataclasses
import datetime
import decimal
import difflib
import dis
import doctest
import encodings.cp437
import encodings.cp1252
import encodings.gbk
import encodings.idna
import encodings.latin_1
import encodings.mac_roman
import encodings.utf_8_sig
import encodings.utf_16
import fractions
import getopt
import glob
import graphlib
import gzip
import hashlib
import html
import importlib.util
import json
import locale
import logging
import lzma
import optparse
import pathlib
import pdb
import platform
import pprint
import profile
import pstats
import queue
import resource
import sched
import secrets
import shutil
import statistics
import string
import sysconfig
import tarfile
import tempfile
import textwrap
import timeit
import traceback
import typing
import unittest
import uuid
import warnings
import zipfile

import numpy
import numpy.fft
import numpy.lib.recfunctions
import numpy.lib.stride_tricks
import numpy.ma
import numpy.matlib
import numpy.polynomial
import numpy.testing
import numpy.typing

# Modules in one version of numpy, and names in another; some are deprecated, and warn.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import numpy.core.multiarray

    for name in ("char", "rec", "strings"):
        getattr(numpy, name, None)
