#!/usr/bin/env python3
"""An agent for Daybook: Python's standard library and nothing else.

    agent.py URL TOKEN NAME CAPABILITY[,CAPABILITY…] [--capacity N] [--once-idle]

It registers, asks for work, does it, and says what came of it. Put your own code into `work`.
"""
import argparse
import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request


class Refused(Exception):
    """The engine's answer to a call that had no effect."""

    def __init__(self, status, code, message):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code = status, code


def work(assignment):
    """Does a step; what it returns is the step's output.

    A second call with the same assignment["idempotency_key"] must have no second effect outside.
    """
    given = assignment["input"]
    time.sleep(given.get("seconds", 0))
    if "fail" in given:
        raise ValueError(given["fail"])
    return {"sum": sum(range(given.get("upto", 0) + 1)), "key": assignment["idempotency_key"]}


class Agent:
    def __init__(self, url, token, name, capabilities, capacity):
        self.url, self.token, self.name = url.rstrip("/"), token, name
        self.capabilities, self.capacity = capabilities, capacity
        self.session, self.lease, self.longest = None, 30.0, 15.0
        self.running, self.lock = {}, threading.Lock()
        self.stopping = threading.Event()

    def call(self, verb, **body):
        """One call; tries again while the engine is away, since every call may be repeated."""
        body["agent"] = self.name
        if self.session and verb != "register":
            body["session"] = self.session
        request = urllib.request.Request(
            f"{self.url}/api/agents/{verb}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        pause = 0.1
        while True:
            try:
                with urllib.request.urlopen(request, timeout=self.longest + 30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                said = json.load(error).get("error", {})
                if error.code != 503:
                    raise Refused(error.code, said.get("code"), said.get("message")) from None
            except (OSError, ValueError):
                pass
            if self.stopping.wait(pause):
                sys.exit(0)
            pause = min(pause * 2, 5)

    def register(self):
        welcome = self.call(
            "register",
            capabilities=self.capabilities,
            capacity=self.capacity,
            version="1.0.0",
            description="counts",
        )
        with self.lock:
            self.running.clear()
        self.session = welcome["session"]
        self.lease = welcome["lease_seconds"]
        self.longest = welcome["poll_seconds_max"]

    def beat(self):
        """Says three times a lease that the agent lives, so that a lost call does no harm."""
        while not self.stopping.wait(self.lease / 3):
            try:
                answer = self.call(
                    "heartbeat",
                    health="healthy",
                    load=len(self.running) / self.capacity,
                    running=list(self.running),
                )
                with self.lock:
                    for given_up in answer["give_up"]:
                        self.running.pop(given_up, None)
            except Refused:
                pass  # The main loop registers anew.

    def do(self, assignment):
        # `work` and `number` name the assignment: a result of an older one is refused.
        turn = {"work": assignment["work"], "number": assignment["number"]}
        try:
            verb, body = "complete", {"output": work(assignment)}
        except Exception as error:
            failure = {"code": "agent_error", "message": str(error), "retryable": False}
            verb, body = "fail", {"failure": failure}
        try:
            self.call(verb, **turn, **body)
        except Refused as error:
            print(f"{self.name}: {error}", file=sys.stderr)  # Another agent has it now.
        with self.lock:
            self.running.pop(assignment["work"], None)

    def run(self, until_idle):
        self.register()
        threading.Thread(target=self.beat, daemon=True).start()
        while not self.stopping.is_set():
            with self.lock:
                free = self.capacity - len(self.running)
                running = list(self.running)
            if free <= 0:
                time.sleep(0.01)
                continue
            try:
                got = self.call("poll", max=free, running=running, wait_seconds=self.longest)
            except Refused as error:
                if error.code in ("stale_session", "unknown_agent"):
                    self.register()
                    continue
                raise
            if until_idle and not got["work"] and not running:
                break
            for assignment in got["work"]:
                with self.lock:
                    if assignment["work"] in self.running:
                        continue
                    self.running[assignment["work"]] = assignment
                threading.Thread(target=self.do, args=(assignment,), daemon=True).start()
        self.call("leave")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("url")
    arguments.add_argument("token")
    arguments.add_argument("name")
    arguments.add_argument("capabilities")
    arguments.add_argument("--capacity", type=int, default=1)
    arguments.add_argument("--once-idle", action="store_true", help="end when there is no work")
    given = arguments.parse_args()
    agent = Agent(
        given.url, given.token, given.name, given.capabilities.split(","), given.capacity
    )
    signal.signal(signal.SIGTERM, lambda *_: agent.stopping.set())
    agent.run(given.once_idle)


if __name__ == "__main__":
    main()
