"""Answers questions about ParallelCluster clusters from an interpreter that stays up.

Loading the vendor's library takes a second, asking it a few milliseconds. It keeps the region in the environment and its
clients in one global, so each region is asked by a process of its own, forked from this one when it is first needed.

Read on stdin, a line each:   {"id": 1, "region": "us-east-1", "command": "describe_cluster", "arguments": {...}, "deadline": 20}
Written to stdout, a frame each:   ID OUTCOME LENGTH\\n followed by LENGTH bytes of JSON
Outcomes: ready (once, id 0), unfit (once instead), ok, refused, timeout, died, large, stats.
"""

import sys

# The folder that we were started in must not stand in for the libraries.
sys.path[:] = [path for path in sys.path if path]

import json
import os
import select
import signal
import time

LARGEST = 8 << 20
# A second process would cost 70 MB; questions of one region wait for each other.
PER_REGION = 1
# Credentials are read when a process asks for the first time: after a refusal for their sake a new one asks.
ABOUT_CREDENTIALS = ("credential", "expired", "token", "denied", "authorized", "signature", "profile", "sso")


def frame(number, outcome, value):
    body = b"" if value is None else json.dumps(value).encode()
    if len(body) > LARGEST:
        outcome, body = "large", str(len(body)).encode()
    return b"%d %s %d\n%s" % (number, outcome.encode(), len(body), body)


def send(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


def message_of(error):
    """The message that the command line would print for this exception."""
    import pcluster.api.errors
    from pcluster.api import encoder

    data = getattr(error, "data", None)
    if data is None:
        if "Credentials" in type(error).__name__:
            return {"message": "Unable to locate credentials"}
        data = pcluster.api.errors.exception_message(error)
        data = json.loads(encoder.JSONEncoder().encode(data))
        if "Unexpected fatal" in str(data.get("message")):
            data = {"message": "%s: %s" % (type(error).__name__, error)}
    return data


def forget():
    """Answers of one question must not be given to the next: the library was made for one question per process."""
    from pcluster.aws.common import Cache

    Cache.clear_all()


def answer(question):
    import pcluster.lib

    try:
        forget()
        function = getattr(pcluster.lib, question["command"])
        value = function(region=question["region"], **question.get("arguments", {}))
        return frame(question["id"], "ok", value or None), True
    except SystemExit as error:
        return frame(question["id"], "refused", {"message": str(error)}), False
    except BaseException as error:
        refusal = message_of(error)
        text = str(refusal.get("message")).lower()
        return frame(question["id"], "refused", refusal), not any(word in text for word in ABOUT_CREDENTIALS)


class Child:
    """A process that asks one region, one question at a time."""

    def __init__(self, others):
        to_child, self.requests = os.pipe()
        self.answers, from_child = os.pipe()
        self.buffer = b""
        self.question = None
        self.dies_at = None
        self.pid = os.fork()
        if self.pid == 0:
            for descriptor in [0, self.requests, self.answers] + others:
                os.close(descriptor)
            self.live(to_child, from_child)
            os._exit(0)
        os.close(to_child)
        os.close(from_child)

    def live(self, incoming, outgoing):
        with os.fdopen(incoming) as lines:
            for line in lines:
                data, is_well = answer(json.loads(line))
                send(outgoing, data)
                if not is_well:
                    return

    def ask(self, question):
        self.question = question
        self.dies_at = time.monotonic() + question["deadline"]
        send(self.requests, json.dumps(question).encode() + b"\n")

    def end(self):
        os.close(self.requests)
        os.close(self.answers)
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)


class Worker:
    def __init__(self, output):
        self.output = output
        self.children = {}
        self.waiting = []

    def descriptors(self):
        return [d for c in self.all() for d in (c.requests, c.answers)] + [self.output]

    def all(self):
        return [child for children in self.children.values() for child in children]

    def take(self, line):
        question = json.loads(line)
        if question["command"] == "stats":
            pids = [os.getpid()] + [child.pid for child in self.all()]
            send(self.output, frame(question["id"], "stats", {"pids": pids}))
        else:
            self.waiting.append(question)

    def hand_out(self):
        for question in list(self.waiting):
            children = self.children.setdefault(question["region"], [])
            child = next((c for c in children if c.question is None), None)
            if child is None and len(children) < PER_REGION:
                child = Child(self.descriptors())
                children.append(child)
            if child is not None:
                self.waiting.remove(question)
                try:
                    child.ask(question)
                except OSError:
                    self.lose(child, "died", {"message": "the process ended"})
                    return self.hand_out()

    def lose(self, child, outcome, value):
        if child.question is not None:
            send(self.output, frame(child.question["id"], outcome, value))
            child.question = None
        for children in self.children.values():
            if child in children:
                children.remove(child)
        child.end()

    def hear(self, child):
        data = os.read(child.answers, 1 << 16)
        if not data:
            self.lose(child, "died", {"message": "the process ended"})
            return
        child.buffer += data
        head, found, rest = child.buffer.partition(b"\n")
        if found and len(rest) >= int(head.split()[2]):
            send(self.output, child.buffer)
            child.buffer, child.question, child.dies_at = b"", None, None
            if head.split()[1] == b"refused" and any(word.encode() in rest.lower() for word in ABOUT_CREDENTIALS):
                self.lose(child, "died", None)

    def run(self):
        pending = b""
        while True:
            now = time.monotonic()
            for child in self.all():
                if child.dies_at is not None and child.dies_at <= now:
                    self.lose(child, "timeout", None)
            self.hand_out()
            ends = [child.dies_at for child in self.all() if child.dies_at is not None]
            wait = max(0, min(ends) - time.monotonic()) if ends else None
            by_descriptor = {child.answers: child for child in self.all()}
            ready, _, _ = select.select([0] + list(by_descriptor), [], [], wait)
            # One at a time: a lost child's descriptor may already be another's.
            for descriptor in ready[:1]:
                if descriptor in by_descriptor:
                    self.hear(by_descriptor[descriptor])
                    continue
                data = os.read(0, 1 << 16)
                if not data:
                    return
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    self.take(line)


def main():
    # Whatever a library prints must not get between the frames.
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        import logging

        import pcluster.lib
        import pcluster.utils

        logging.disable(logging.CRITICAL)
        version = pcluster.utils.get_installed_version()
    except BaseException as error:
        send(output, frame(0, "unfit", {"message": "%s: %s" % (type(error).__name__, error)}))
        return
    send(output, frame(0, "ready", {"version": version, "pid": os.getpid()}))
    worker = Worker(output)
    try:
        worker.run()
    finally:
        for child in worker.all():
            child.end()


main()
