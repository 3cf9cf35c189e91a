#!/usr/bin/env python3
"""Checks checkpoints and proofs with metamorphic-log, which shares no code with Daybook.

Reads one JSON object from standard input, {"key": vkey, "checks": [...]}, and writes a JSON list with
"ok" or the reason for each check:

  {"kind": "checkpoint", "note": text}
  {"kind": "receipt", "receipt": text}
  {"kind": "consistency", "older": text, "newer": text, "proof": [hexadecimal, ...]}
"""
import base64
import hashlib
import json
import sys

import metamorphic_log


def receipt_parts(text):
    """The leaf hash, the index, the proof and the checkpoint of a c2sp.org/tlog-proof@v1."""
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise ValueError("not a tlog-proof")
    extra = base64.b64decode(lines[1].removeprefix("extra "), validate=True)
    index = int(lines[2].removeprefix("index "))
    proof = [base64.b64decode(line, validate=True) for line in lines[3:]]
    return hashlib.sha256(b"\x00" + extra).digest(), index, proof, note


def check(request, key):
    if request["kind"] == "checkpoint":
        metamorphic_log.checkpoint_verify(request["note"], [key])
    elif request["kind"] == "receipt":
        leaf, index, proof, note = receipt_parts(request["receipt"])
        metamorphic_log.checkpoint_verify_inclusion(note, [key], index, leaf, proof)
    elif request["kind"] == "consistency":
        proof = [bytes.fromhex(text) for text in request["proof"]]
        metamorphic_log.checkpoint_verify_consistency(
            request["older"], request["newer"], [key], proof
        )
    else:
        raise ValueError("unknown kind")


def main():
    requests = json.load(sys.stdin)
    answers = []
    for request in requests["checks"]:
        try:
            check(request, requests["key"])
            answers.append("ok")
        except Exception as error:  # any refusal is an answer
            answers.append(f"{type(error).__name__}: {error}")
    json.dump(answers, sys.stdout)


main()
