"""What a child can't import later where it may open no file: imported by the zygote."""

# ruff: noqa: F401
import argparse
import ast
import calendar
import cmath
import csv
import dataclasses
import datetime
import decimal
import fractions
import glob
import gzip
import hashlib
import html
import logging
import pathlib
import pdb
import platform
import pprint
import profile
import queue
import secrets
import shutil
import statistics
import string
import tempfile
import timeit
import unittest.mock
import zipfile

import numpy.fft
import numpy.lib.recfunctions
import numpy.ma
import numpy.polynomial
import numpy.testing
