#!/usr/bin/env python3
"""Writes core/src/sketch/tables.rs from exact integers; with --check, fails when the file differs."""

import math
import pathlib
import struct
import sys
from fractions import Fraction

SCALE = 7
BUCKETS = 1 << SCALE
CELLS = 256
PRECISION = 256
TARGET = pathlib.Path(__file__).parent.parent / "src" / "sketch" / "tables.rs"


def power(numerator, degree, bits):
    """floor(2 ** (bits + numerator / degree)); the degree is a power of two"""
    root = 1 << (bits * degree + numerator)
    # the floor of nested square roots is the floor of the root
    for _ in range(degree.bit_length() - 1):
        root = math.isqrt(root)
    return root


def significand(value):
    """floor(value * 2 ** 63) of a value in [1, 2)"""
    result = value.numerator * (1 << 63) // value.denominator
    assert result >> 63 == 1
    return result


def double(value):
    return struct.unpack(">Q", struct.pack(">d", value.numerator / value.denominator))[0]


def gamma(scale):
    """2 ** (2 ** -scale), exact for scale <= 0, else to PRECISION bits"""
    if scale <= 0:
        return Fraction(1 << (1 << -scale))
    return Fraction(power(1, 1 << scale, PRECISION), 1 << PRECISION)


def representatives(scale):
    """2 * low * high / (low + high) of every bucket in one octave"""
    ratio = 2 * gamma(scale) / (1 + gamma(scale))
    buckets = 1 << max(scale, 0)
    lows = [Fraction(power(j, buckets, PRECISION), 1 << PRECISION) for j in range(buckets)]
    return [significand(low * ratio) for low in lows]


def rust(name, kind, doc, values, width):
    lines = [f"/// {doc}", "#[rustfmt::skip]", f"pub(super) static {name}: [{kind}; {len(values)}] = ["]
    per_line = 6 if width else 24
    shown = [f"0x{v:0{width}x}" if width else str(v) for v in values]
    for start in range(0, len(shown), per_line):
        lines.append("    " + ", ".join(shown[start : start + per_line]) + ",")
    return "\n".join(lines + ["];"]) + "\n"


def render():
    bounds = [power(j, BUCKETS, 63) for j in range(BUCKETS)]
    for j, bound in enumerate(bounds):
        assert bound**BUCKETS <= 1 << (63 * BUCKETS + j) < (bound + 1) ** BUCKETS
    last = []
    for cell in range(CELLS):
        first_value = (CELLS + cell) << 55
        last_value = first_value + (1 << 55) - 1
        inside = [j for j in range(BUCKETS) if bounds[j] <= last_value]
        last.append(inside[-1])
        before = [j for j in range(BUCKETS) if bounds[j] <= first_value]
        assert inside[-1] - before[-1] <= 1, "a cell holds at most one bound"
    fine = [v for scale in range(SCALE + 1) for v in representatives(scale)]
    coarse = [v for scale in (-1, -2, -3) for v in representatives(scale)]
    errors = [double((gamma(s) - 1) / (gamma(s) + 1)) for s in range(-3, SCALE + 1)]
    return "\n".join(
        [
            "//! Written by `core/tables/generate.py` from exact integers; `--check` compares. Do not edit.",
            "//!",
            "//! A significand is a 64-bit integer s with its top bit set: s · 2^-63, cut (never rounded up).",
            "",
            rust("BOUNDS", "u64", "The significand of 2^(j/128).", bounds, 16),
            rust("LAST", "u8", "The last bound at or below the end of each 256th of an octave.", last, 0),
            rust(
                "REPRESENTATIVES", "u64",
                "Significands of the representatives of one octave: 2^s of them from place 2^s − 1 on, for scale s.",
                fine, 16,
            ),
            rust("COARSE_REPRESENTATIVES", "u64", "The same for scales −1, −2 and −3, relative to the lower bound.", coarse, 16),
            rust("ERRORS", "u64", "Bits of the relative error (γ − 1)/(γ + 1) at scales −3 to 7, rounded to nearest.", errors, 16),
        ]
    )


def main():
    text = render()
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text() != text:
            sys.exit(f"{TARGET} is stale: run core/tables/generate.py")
    elif sys.argv[1:]:
        sys.exit("usage: generate.py [--check]")
    else:
        TARGET.write_text(text)


main()
