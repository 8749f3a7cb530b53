"""Serves as much of a Kubernetes API as a pool of practice clusters needs, with many clusters and a steady load.

Written first:    {"port": N}
Read on stdin, a JSON object per line; answered by one per line: {"ok": true, ...} or {"ok": false, "error": "..."}:

  {"command": "fill", "count": N}      N free clusters with two machines and two golden snapshots each, in place of all there was
  {"command": "changes", "rate": R}    R status changes a second, one machine instance after the other
  {"command": "stop"}                  ends them; answers how many there were

Anything can be read, watched, created, patched (RFC 7396, with the resourceVersion) and deleted. The process ends with its stdin.
"""

import asyncio
import json
import os
import sys
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

GROUPS = {
    "kubevirt.io": ("v1", ["virtualmachines", "virtualmachineinstances"]),
    "snapshot.kubevirt.io": ("v1beta1", ["virtualmachinesnapshots", "virtualmachinerestores"]),
    "cdi.kubevirt.io": ("v1beta1", ["datavolumes"]),
}


def stamp():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    def __init__(self):
        self.revision, self.objects, self.watchers = 1, {}, {}
        self.task, self.told = None, 0

    def put(self, plural, namespace, entry):
        self.revision += 1
        entry["metadata"]["resourceVersion"] = str(self.revision)
        shelf = self.objects.setdefault(plural, {})
        key = (namespace, entry["metadata"]["name"])
        frame = "MODIFIED" if key in shelf else "ADDED"
        shelf[key] = entry
        self.tell(plural, key, frame, entry)
        return entry

    def tell(self, plural, key, frame, entry):
        line = json.dumps({"type": frame, "object": entry}, separators=(",", ":")).encode() + b"\n"
        for fits, queue in self.watchers.get(plural, []):
            if fits(key, entry):
                queue.put_nowait(line)

    def add(self, plural, namespace, name, labels=None, annotations=None, **rest):
        metadata = {"name": name, "uid": str(uuid4()), "creationTimestamp": stamp(), "labels": labels or {}}
        if namespace:
            metadata["namespace"] = namespace
        if annotations:
            metadata["annotations"] = annotations
        self.put(plural, namespace, {"metadata": metadata, **rest})

    def fill(self, count, **_):
        self.stop()
        self.objects = {}
        self.add("namespaces", "", "vm-templates")
        for index in range(1, count + 1):
            cluster = "cluster%d" % index
            self.add("namespaces", "", cluster, {"cks.io/cluster-pool": "true", "cks.io/cluster-id": cluster},
                     {"cks.io/cluster-status": "available", "cks.io/status-since": stamp(), "cks.io/last-reset": stamp()})
            for short, role in (("cp", "control-plane"), ("wk", "worker")):
                name = "%s-%s" % (short, cluster)
                ready = [{"type": "Ready", "status": "True", "lastTransitionTime": stamp()}]
                self.add("virtualmachines", cluster, name, {"cks.io/vm-role": role}, spec={"runStrategy": "Always"},
                         status={"created": True, "ready": True, "printableStatus": "Running", "conditions": ready})
                self.add("virtualmachineinstances", cluster, name, {"cks.io/vm-role": role},
                         status={"phase": "Running", "nodeName": "node-%d" % (index % 20), "conditions": ready,
                                 "interfaces": [{"name": "default", "ipAddress": "10.244.%d.%d" % (index // 200, index % 200)}]})
                self.add("virtualmachinesnapshots", cluster, short + "-snap", {"cks.io/vm-role": role},
                         spec={"source": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": name}},
                         status={"phase": "Succeeded", "readyToUse": True, "creationTime": stamp()})
        return {}

    def changes(self, rate, **_):
        async def run():
            loop = asyncio.get_running_loop()
            start, number, names = loop.time(), 0, list(self.objects["virtualmachineinstances"])
            while True:
                number += 1
                await asyncio.sleep(max(0, start + number / rate - loop.time()))
                key = names[number % len(names)]
                entry = self.objects["virtualmachineinstances"][key]
                entry["status"]["nodeName"] = "node-%d" % (number % 997)
                self.put("virtualmachineinstances", key[0], entry)
                self.told += 1

        self.task = asyncio.get_running_loop().create_task(run())
        return {}

    def stop(self, **_):
        if self.task:
            self.task.cancel()
        self.task, told, self.told = None, self.told, 0
        return {"changes": told}


def merge(target, patch):
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merge(target.get(key), value)
    return target


class Server:
    def __init__(self, world):
        self.world = world

    async def serve(self, reader, writer):
        try:
            while first := await reader.readline():
                method, target, _ = first.decode().split()
                length = 0
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    if name.lower() == "content-length":
                        length = int(value)
                await self.answer(writer, method, target, await reader.readexactly(length))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, writer, method, target, body):
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        known = self.known(method, url.path, body)
        if known:
            return await self.send(writer, 200, known)
        parts = [part for part in url.path.split("/") if part]
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = rest[1] if rest[:1] == ["namespaces"] and len(rest) > 2 else ""
        plural, name = (rest[2:] + [None])[:2] if namespace else (rest + [None])[:2]
        shelf = self.world.objects.setdefault(plural, {})

        def fits(key, entry):
            label = query.get("labelSelector", "").split("=")
            is_labelled = label == [""] or entry["metadata"].get("labels", {}).get(label[0]) == label[-1]
            return (not namespace or key[0] == namespace) and is_labelled

        if method == "GET" and name is None:
            items = [entry for key, entry in list(shelf.items()) if fits(key, entry)]
            if query.get("watch") == "true":
                return await self.watch(writer, plural, fits, items, query)
            return await self.send(
                writer, 200, {"kind": "List", "metadata": {"resourceVersion": str(self.world.revision)}, "items": items})
        if method == "POST":
            entry = json.loads(body)
            key = (namespace, entry["metadata"]["name"])
            if key in shelf:
                return await self.send(writer, 409, self.failure(409, "AlreadyExists", "already exists"))
            entry["metadata"].update(uid=str(uuid4()), creationTimestamp=stamp())
            return await self.send(writer, 201, self.world.put(plural, namespace, entry))
        entry = shelf.get((namespace, name))
        if entry is None:
            return await self.send(writer, 404, self.failure(404, "NotFound", "%s \"%s\" not found" % (plural, name)))
        if method == "GET":
            return await self.send(writer, 200, entry)
        if method == "DELETE":
            del shelf[(namespace, name)]
            self.world.tell(plural, (namespace, name), "DELETED", entry)
            return await self.send(writer, 200, entry)
        patch = json.loads(body)
        version = patch.get("metadata", {}).get("resourceVersion")
        if version and version != entry["metadata"]["resourceVersion"]:
            return await self.send(writer, 409, self.failure(409, "Conflict", "the object has been modified"))
        await self.send(writer, 200, self.world.put(plural, namespace, merge(entry, patch)))

    @staticmethod
    def failure(code, reason, message):
        return {"kind": "Status", "status": "Failure", "reason": reason, "code": code, "message": message}

    @staticmethod
    def known(method, path, body):
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.4"}
        for group, (version, plurals) in GROUPS.items():
            entry = {"groupVersion": group + "/" + version, "version": version}
            if path == "/apis/" + group:
                return {"kind": "APIGroup", "name": group, "versions": [entry], "preferredVersion": entry}
            if path == "/apis/%s/%s" % (group, version):
                return {"kind": "APIResourceList", "groupVersion": entry["groupVersion"], "resources": [
                    {"name": plural, "namespaced": True, "verbs": ["list", "watch"]} for plural in plurals]}
        if method == "POST" and path.endswith("/selfsubjectaccessreviews"):
            return {**json.loads(body), "status": {"allowed": True}}
        return None

    async def watch(self, writer, plural, fits, items, query):
        """Everything there is, if that is asked for, then what changes, until the time is up."""
        loop, queue = asyncio.get_running_loop(), asyncio.Queue()
        end = loop.time() + float(query.get("timeoutSeconds") or 1800)
        entry = (fits, queue)
        self.world.watchers.setdefault(plural, []).append(entry)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            if query.get("sendInitialEvents") == "true":
                lines = [json.dumps({"type": "ADDED", "object": item}, separators=(",", ":")).encode() + b"\n" for item in items]
                for start in range(0, len(lines), 50):
                    await self.chunk(writer, b"".join(lines[start:start + 50]))
                await self.chunk(writer, self.bookmark(True))
            while (rest := end - loop.time()) > 0:
                try:
                    line = await asyncio.wait_for(queue.get(), min(60, rest))
                except asyncio.TimeoutError:
                    line = self.bookmark(False)
                await self.chunk(writer, line)
            await self.chunk(writer, b"")
        finally:
            self.world.watchers[plural].remove(entry)

    def bookmark(self, ends_initial):
        notes = {"annotations": {"k8s.io/initial-events-end": "true"}} if ends_initial else {}
        metadata = {"resourceVersion": str(self.world.revision), "creationTimestamp": None, **notes}
        return json.dumps({"type": "BOOKMARK", "object": {"metadata": metadata}}).encode() + b"\n"

    @staticmethod
    async def send(writer, status, entry):
        body = json.dumps(entry).encode()
        words = "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        writer.write((words % (status, len(body))).encode() + body)
        await writer.drain()

    @staticmethod
    async def chunk(writer, body):
        writer.write(b"%x\r\n%b\r\n" % (len(body), body))
        await writer.drain()


async def main():
    world = World()
    server = await asyncio.start_server(Server(world).serve, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            command = json.loads(line)
            name = command.pop("command")
            if name not in ("fill", "changes", "stop"):
                raise ValueError("there is no command %s" % name)
            answer = {"ok": True, **getattr(world, name)(**command)}
        except Exception as error:
            answer = {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps(answer), flush=True)
    # At once: connections are open, and there is nothing to save.
    os._exit(0)


asyncio.run(main())
