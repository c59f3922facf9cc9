"""The compiled loops that lay a short text beside the place of a long one where it stands, or nearly stands."""

import numba
import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]
"""Words as numbers: equal where the words are."""
Places = NDArray[np.int64]

_MATCH, _OTHER, _GAP = 2, -1, -1
_STOP, _BOTH, _LONG_ALONE, _SHORT_ALONE = 0, 1, 2, 3
_SLACK = 8


@numba.njit(cache=True, nogil=True)
def window(long: Tokens, short: Tokens, run: int, after: int) -> tuple[int, int]:
    """Begin and end of the part of the long text where the short one may stand: where the most runs of so many tokens
    say that it begins, give or take a few. Of equals the first that does not begin before `after`, else the first.
    Empty if they share no run."""
    firsts = _firsts(short, run)
    # What stands before the long text's begin has been left out of it.
    votes = np.zeros(long.size + short.size + 1, np.int32)
    for place in range(long.size - run + 1):
        found = _place_in(short, firsts, long, place, run)
        if found >= 0:
            votes[place - found + short.size] += 1
    near, slack = short.size // 8 + 2, short.size // 2 + _SLACK
    best, best_begin = 0, -1
    is_after = False
    shared = 0
    for begin in range(votes.size + near):
        if begin < votes.size:
            shared += votes[begin]
        if begin > 2 * near:
            shared -= votes[begin - 2 * near - 1]
        middle = begin - near
        if middle < 0 or middle >= votes.size or votes[middle] == 0:
            continue
        comes_after = middle - short.size >= after
        if shared > best or (shared == best and comes_after and not is_after):
            best, best_begin, is_after = shared, middle - short.size, comes_after
    if best == 0:
        return 0, 0
    # What stands before `after` is not to be taken for what stands there as well.
    least = after if is_after else 0
    return max(least, best_begin - slack), min(long.size, best_begin + short.size + slack)


@numba.njit(cache=True, nogil=True)
def _firsts(short: Tokens, run: int) -> Places:
    """The places of the short text in the order of the runs that begin there."""
    count = max(0, short.size - run + 1)
    keys = np.empty(count, np.int64)
    for place in range(count):
        keys[place] = _key(short, place, run)
    return np.argsort(keys, kind="mergesort")


@numba.njit(cache=True, nogil=True)
def _key(tokens: Tokens, place: int, run: int) -> int:
    key = 0
    for step in range(run):
        key = key * 1_000_003 + int(tokens[place + step])
    return key


@numba.njit(cache=True, nogil=True)
def _place_in(short: Tokens, firsts: Places, long: Tokens, place: int, run: int) -> int:
    """Where the run stands in the short text for the first time, or -1."""
    key = _key(long, place, run)
    low, high = 0, firsts.size
    while low < high:
        middle = (low + high) // 2
        if _key(short, firsts[middle], run) < key:
            low = middle + 1
        else:
            high = middle
    while low < firsts.size and _key(short, firsts[low], run) == key:
        if _equal(short, firsts[low], long, place, run):
            return int(firsts[low])
        low += 1
    return -1


@numba.njit(cache=True, nogil=True)
def _equal(short: Tokens, at: int, long: Tokens, place: int, run: int) -> bool:
    return bool(np.all(short[at : at + run] == long[place : place + run]))


@numba.njit(cache=True, nogil=True)
def aligned(long: Tokens, short: Tokens) -> Places:
    """For each token of the short text its place in the long one, or -1: the best alignment of a part of the one with a
    part of the other (Smith and Waterman), in time and memory of the product of their lengths."""
    rows, columns = short.size + 1, long.size + 1
    moves = np.zeros((rows, columns), np.uint8)
    above = np.zeros(columns, np.int32)
    best, best_row, best_column = 0, 0, 0
    for row in range(1, rows):
        diagonal = above[0]
        left = 0
        for column in range(1, columns):
            score = diagonal + (_MATCH if short[row - 1] == long[column - 1] else _OTHER)
            move = _BOTH
            if left + _GAP > score:
                score, move = left + _GAP, _LONG_ALONE
            if above[column] + _GAP > score:
                score, move = above[column] + _GAP, _SHORT_ALONE
            if score <= 0:
                score, move = 0, _STOP
            diagonal, above[column], left = above[column], score, score
            moves[row, column] = move
            if score > best:
                best, best_row, best_column = score, row, column
    places = np.full(short.size, -1, np.int64)
    row, column = best_row, best_column
    while row > 0 and column > 0 and moves[row, column] != _STOP:
        move = moves[row, column]
        if move == _BOTH:
            row, column = row - 1, column - 1
            if short[row] == long[column]:
                places[row] = column
        elif move == _LONG_ALONE:
            column -= 1
        else:
            row -= 1
    return places
