"""Serves as much of a Kubernetes API as a watcher of ClusterDeployments asks for, with many objects and a steady load.

Written first:    {"port": N}
Read on stdin, a JSON object per line; answered by one per line: {"ok": true, ...} or {"ok": false, "error": "..."}:

  {"command": "fill", "count": N, "running": M, "minor": "32"}  N deployments of which M are provisioned, in place of all there was;
                                                                servers from minor 32 on begin a watch with everything there is
  {"command": "events", "rate": R}                              R events a second about the deployments that are provisioned
  {"command": "changes", "rate": R}                             R changed condition messages a second, one deployment after the other
  {"command": "stop"}                                           ends both; answers how many there were: {"events": N, "changes": N}

Objects and events look as a management cluster's do, with managedFields, which are most of their bytes. The process ends with its stdin.
"""

import asyncio
import json
import os
import random
import sys
from collections import OrderedDict, deque
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

NAMESPACE = "kcm-system"
GROUP = "k0rdent.mirantis.com"
# So many are kept of what has happened, for watches that go on, and so many events at all.
LIMIT = 20_000
PROVISIONING = ["ResourceGroup", "VirtualNetwork", "NatGateway", "Subnet", "PublicIPAddress", "RouteTable"]
PREREQUISITES = [
    ("CredentialReady", "Succeeded", "Credential is Ready"), ("TemplateReady", "Succeeded", "Template is valid"),
    ("HelmChartReady", "Succeeded", "Helm chart is valid"), ("HelmReleaseReady", "InstallSucceeded", "Helm install succeeded"),
]
# Reason, kind, ending of the object's name, type, message, and how many of a hundred events are such. 93 of them say nothing.
MIX = [
    ("ArtifactUpToDate", "HelmChart", "", "Normal", "artifact up-to-date with remote revision: '1.0.15'", 40),
    ("ServiceSetCollectServiceStatusesFailed", "ServiceSet", "", "Warning", "failed to get cluster: not ready", 22),
    ("ClusterReconcilerNormalFailed", "AzureCluster", "", "Warning", "failed to reconcile: operation in progress", 8),
    ("OwnerRefNotSet", "AzureMachine", "-cp-0", "Normal", "machine controller has not set OwnerRef", 4),
    ("VMIdentityNone", "AzureMachineTemplate", "-md", "Warning", "no identity is set for the machine", 7),
    ("CredentialFrom", "AzureCluster", "", "Normal", "credential is from AzureClusterIdentity azure-identity", 8),
    ("CAPIClusterIsProvisioning", "ClusterDeployment", "", "Normal", "Cluster is provisioning", 4),
    ("BeginCreateOrUpdate", "%s", "-net", "Normal", "Successfully sent create request to Azure", 5),
    ("SuccessfulSetNodeRef", "Machine", "-md-r27h8", "Normal", "aks-nodepool1-vmss000000", 2),
]
# Of events, every tenth is new; the others are counted on the one that there is.
NEW = 10


def stamp(moment=None):
    return (moment or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ")


def fields(*names):
    return {"f:" + name: {} for name in names}


def managed(version, manager, tree, at, subresource=None):
    entry = {"apiVersion": version, "fieldsType": "FieldsV1", "fieldsV1": tree, "manager": manager, "operation": "Update", "time": at}
    return {**entry, "subresource": subresource} if subresource else entry


def condition(kind, status, reason, message, at):
    return {"lastTransitionTime": at, "message": message, "observedGeneration": 1, "reason": reason, "status": status, "type": kind}


class Resource:
    """Objects of one kind in the order of their names, what has happened to them, and who follows that."""

    def __init__(self, kind, version):
        self.kind, self.version = kind, version
        self.objects, self.bytes = OrderedDict(), OrderedDict()
        self.history, self.forgotten, self.watchers = deque(), 0, set()

    def put(self, entry, revision, is_told=True):
        name = entry["metadata"]["name"]
        frame = "MODIFIED" if name in self.objects else "ADDED"
        entry["metadata"]["resourceVersion"] = str(revision)
        self.objects[name], self.bytes[name] = entry, json.dumps(entry, separators=(",", ":")).encode()
        if is_told:
            line = self.line(frame, self.bytes[name])
            self.history.append((revision, line))
            if len(self.history) > LIMIT:
                self.forgotten = self.history.popleft()[0]
            for watcher in self.watchers:
                watcher.put_nowait(line)

    def clear(self, revision):
        self.objects.clear()
        self.bytes.clear()
        self.history.clear()
        self.forgotten = revision
        for watcher in self.watchers:
            watcher.put_nowait(None)

    @staticmethod
    def line(kind, body):
        return b'{"type":"' + kind.encode() + b'","object":' + body + b"}\n"

    def bookmark(self, revision, ends_initial=False):
        end = {"annotations": {"k8s.io/initial-events-end": "true"}} if ends_initial else {}
        metadata = {"resourceVersion": str(revision), "creationTimestamp": None, **end}
        return self.line("BOOKMARK", json.dumps({"kind": self.kind, "apiVersion": self.version, "metadata": metadata}).encode())


class World:
    def __init__(self):
        self.revision, self.minor = 1000, "32"
        self.deployments = Resource("ClusterDeployment", GROUP + "/v1beta1")
        self.events = Resource("Event", "v1")
        self.running, self.series, self.made = [], [], 0
        self.tasks, self.told = [], {"events": 0, "changes": 0}

    def next(self):
        self.revision += 1
        return self.revision

    def fill(self, count, running, minor="32", **_):
        self.stop()
        self.minor = minor
        for resource in (self.deployments, self.events):
            resource.clear(self.next())
        self.series, self.running = [], []
        for index in range(count):
            # Spread over the names, as they would be.
            is_running = index * running // count != (index + 1) * running // count
            entry = self.deployment("load-%04d" % index, is_running)
            self.deployments.put(entry, self.next(), False)
            if is_running:
                self.running.append(entry["metadata"]["name"])
        for name in self.running:
            for _ in range(12):
                self.events.put(self.event(name), self.next(), False)
        return {"bytes": sum(map(len, self.deployments.bytes.values())), "events": len(self.events.objects)}

    def begin(self, what, rate):
        async def run():
            loop = asyncio.get_running_loop()
            start, number = loop.time(), 0
            while True:
                number += 1
                await asyncio.sleep(max(0, start + number / rate - loop.time()))
                getattr(self, "one_" + what)(number)
                self.told[what] += 1

        if not self.running:
            raise ValueError("no deployment is provisioned")
        self.tasks.append(asyncio.get_running_loop().create_task(run()))

    def stop(self, **_):
        for task in self.tasks:
            task.cancel()
        self.tasks, told, self.told = [], self.told, {"events": 0, "changes": 0}
        return told

    def one_events(self, number):
        if number % NEW == 0:
            name = self.running[number // NEW % len(self.running)]
            self.events.put(self.event(name), self.next())
            while len(self.events.objects) > LIMIT:
                first = next(iter(self.events.objects))
                del self.events.objects[first], self.events.bytes[first]
            return
        entry = self.events.objects[random.choice(self.series)]
        entry.update(count=entry["count"] + 1, lastTimestamp=stamp())
        self.events.put(entry, self.next())

    def one_changes(self, number):
        entry = self.deployments.objects[self.running[number % len(self.running)]]
        self.provision(entry, number)
        self.deployments.put(entry, self.next())

    def event(self, name):
        reason, kind, ending, type_, message, _ = random.choices(MIX, [row[-1] for row in MIX])[0]
        if "%s" in kind:
            kind = kind % random.choice(PROVISIONING)
        at, component = stamp(), kind.lower() + "-controller"
        self.made += 1
        called = "%s%s.%016x" % (name, ending, 0x187c5cb7cccc0000 + self.made)
        self.series = (self.series + [called])[-2000:]
        version = "infrastructure.cluster.x-k8s.io/v1beta1" if kind.startswith("Azure") else GROUP + "/v1beta1"
        tree = {**fields("count", "firstTimestamp", "involvedObject", "lastTimestamp", "message", "reason", "type"),
                "f:source": fields("component"), "f:reportingComponent": {}}
        return {
            "kind": "Event", "apiVersion": "v1",
            "metadata": {"name": called, "namespace": NAMESPACE, "uid": str(uuid4()), "creationTimestamp": at,
                         "managedFields": [managed("v1", "manager", tree, at)]},
            "involvedObject": {"kind": kind, "namespace": NAMESPACE, "name": name + ending, "uid": str(uuid4()),
                               "apiVersion": version, "resourceVersion": str(self.revision)},
            "reason": reason, "message": message, "firstTimestamp": at, "lastTimestamp": at, "count": 1, "type": type_,
            "eventTime": None, "source": {"component": component}, "reportingComponent": component, "reportingInstance": "",
        }

    def deployment(self, name, is_running):
        now = datetime.now(timezone.utc)
        born = stamp(now - timedelta(seconds=240) if is_running else now - timedelta(days=random.randint(1, 90)))
        services = [{"name": service, "namespace": service, "template": service + "-4-11-5"}
                    for service in ("ingress-nginx", "cert-manager", "kyverno")]
        entry = {
            "apiVersion": GROUP + "/v1beta1", "kind": "ClusterDeployment",
            "metadata": {
                "name": name, "namespace": NAMESPACE, "uid": str(uuid4()), "generation": 1, "creationTimestamp": born,
                "finalizers": [GROUP + "/cluster-deployment"],
                "labels": {GROUP + "/component": "kcm", "team": "load", "stage": "test"},
                "annotations": {"meta.helm.sh/release-name": name, "owner": "load@example.invalid"},
            },
            "spec": {
                "template": "azure-standalone-cp-1-0-15", "credential": "azure-cred", "dryRun": False,
                "propagateCredentials": True,
                "config": {"location": "eastus", "controlPlaneNumber": 3, "workersNumber": 5, "subscriptionID": str(uuid4()),
                           "controlPlane": {"vmSize": "Standard_A4_v2"}, "worker": {"vmSize": "Standard_A4_v2"}},
                "serviceSpec": {"services": services, "syncMode": "Continuous", "priority": 100},
            },
            "status": {"observedGeneration": 1},
        }
        kinds = [kind for kind, _, _ in PREREQUISITES] + ["CAPIClusterSummary", "ServicesInReadyState", "Ready"]
        if is_running:
            self.provision(entry, 0)
        else:
            done = [condition(kind, "True", reason, text, born) for kind, reason, text in PREREQUISITES]
            done += [condition("CAPIClusterSummary", "True", "InfoReported", "", born),
                     condition("ServicesInReadyState", "True", "Succeeded", "3/3", born),
                     condition("Ready", "True", "Succeeded", "Object is ready", born)]
            states = [{**service, "type": "Helm", "state": "Deployed", "version": "4.11.5", "lastStateTransitionTime": born,
                       "conditions": []} for service in services]
            entry["status"].update(conditions=done, services=states, k8sVersion="v1.32.6", availableUpgrades=[])
        entry["metadata"]["managedFields"] = [
            managed(GROUP + "/v1beta1", "kubectl-client-side-apply", {
                "f:metadata": {"f:annotations": fields("owner"), "f:labels": fields("team", "stage")},
                "f:spec": {**fields("credential", "dryRun", "propagateCredentials", "template"),
                           "f:config": {**fields("controlPlaneNumber", "location", "subscriptionID", "workersNumber"),
                                        "f:controlPlane": fields("vmSize"), "f:worker": fields("vmSize")},
                           "f:serviceSpec": fields("priority", "services", "syncMode")}}, born),
            managed(GROUP + "/v1beta1", "manager", {
                "f:metadata": {"f:finalizers": {".": {}, 'v:"%s/cluster-deployment"' % GROUP: {}},
                               "f:labels": fields(GROUP + "/component")}}, born),
            managed(GROUP + "/v1beta1", "manager", {"f:status": {
                **fields("availableUpgrades", "k8sVersion", "observedGeneration", "services"),
                "f:conditions": {".": {}, **{'k:{"type":"%s"}' % kind: {".": {}, **fields(
                    "lastTransitionTime", "message", "observedGeneration", "reason", "status", "type")}
                    for kind in kinds}}}}, born, "status"),
        ]
        return entry

    @staticmethod
    def provision(entry, number):
        name, born = entry["metadata"]["name"], entry["metadata"]["creationTimestamp"]
        text = (
            "* InfrastructureReady: virtualnetworks creating or updating, try %d\n"
            "* ControlPlaneInitialized: Control plane not yet initialized\n"
            "* ControlPlaneAvailable: K0sControlPlane status.ready is false\n"
            "* WorkersAvailable:\n  * MachineDeployment %s-md: 0 available replicas, at least 5 required\n"
            "* RemoteConnectionProbe: Remote connection probe failed" % (number, name))
        entry["status"]["conditions"] = (
            [condition(kind, "True", reason, words, born) for kind, reason, words in PREREQUISITES]
            + [condition("CAPIClusterSummary", "False", "IssuesReported", text, born),
               condition("Ready", "False", "Progressing", text, born)])

    def obey(self, line):
        command = json.loads(line)
        name = command.pop("command")
        if name in ("events", "changes"):
            self.begin(name, float(command["rate"]))
            return {"ok": True}
        if name not in ("fill", "stop"):
            raise ValueError("there is no command %s" % name)
        return {"ok": True, **getattr(self, name)(**command)}


class Server:
    """HTTP/1.1 with connections that are kept."""

    def __init__(self, world):
        self.world = world

    async def serve(self, reader, writer):
        try:
            while True:
                first = await reader.readline()
                if not first:
                    break
                method, target, _ = first.decode().split()
                length = 0
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    if name.lower() == "content-length":
                        length = int(value)
                body = await reader.readexactly(length)
                await self.answer(writer, method, target, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, writer, method, target, body):
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        found = {"/apis/%s/v1beta1/clusterdeployments" % GROUP: self.world.deployments,
                 "/api/v1/events": self.world.events}.get(url.path)
        if found and query.get("watch") == "true":
            return await self.watch(writer, found, query)
        if found:
            return await self.send(writer, 200, self.page(found, query))
        known = self.known(method, url.path, body)
        status = self.failure(404, "NotFound", "the server could not find the requested resource")
        await self.send(writer, 200 if known else 404, json.dumps(known or status).encode())

    @staticmethod
    def failure(code, reason, message):
        return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": message}

    def known(self, method, path, body):
        version = {"groupVersion": GROUP + "/v1beta1", "version": "v1beta1"}
        if path == "/version":
            minor = self.world.minor
            return {"major": "1", "minor": minor, "gitVersion": "v1.%s.4" % minor, "platform": "linux/amd64"}
        if path == "/apis/" + GROUP:
            return {"kind": "APIGroup", "apiVersion": "v1", "name": GROUP, "versions": [version], "preferredVersion": version}
        if path == "/apis/%s/v1beta1" % GROUP:
            return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version["groupVersion"], "resources": [
                {"name": "clusterdeployments", "namespaced": True, "kind": "ClusterDeployment", "verbs": ["list", "watch"]}]}
        if method == "POST" and path.endswith("/selfsubjectaccessreviews"):
            return {**json.loads(body), "status": {"allowed": True}}
        return None

    def page(self, resource, query):
        first = int(query.get("continue") or 0)
        names = list(resource.bytes)
        limit = int(query.get("limit") or 0) or len(names)
        metadata = {"resourceVersion": str(self.world.revision)}
        if first + limit < len(names):
            metadata.update({"continue": str(first + limit), "remainingItemCount": len(names) - first - limit})
        head = {"apiVersion": resource.version, "kind": resource.kind + "List", "metadata": metadata}
        items = b",".join(resource.bytes[name] for name in names[first:first + limit])
        return json.dumps(head).encode()[:-1] + b',"items":[' + items + b"]}"

    async def watch(self, writer, resource, query):
        """Everything there is, if that is asked for, then what changes, until the time is up or the world is another."""
        loop, queue = asyncio.get_running_loop(), asyncio.Queue()
        end = loop.time() + float(query.get("timeoutSeconds") or 1800)
        since, begins = int(query.get("resourceVersion") or 0), query.get("sendInitialEvents") == "true"
        self.head(writer, 200, None)
        resource.watchers.add(queue)
        try:
            if begins:
                lines = [resource.line("ADDED", body) for body in resource.bytes.values()]
                lines.append(resource.bookmark(self.world.revision, True))
            elif since < resource.forgotten:
                status = self.failure(410, "Expired", "too old resource version: %d (%d)" % (since, resource.forgotten))
                lines, end = [resource.line("ERROR", json.dumps(status).encode())], 0
            else:
                lines = [line for revision, line in resource.history if revision > since]
            for start in range(0, len(lines), 16):
                await self.chunk(writer, b"".join(lines[start:start + 16]))
            while (rest := end - loop.time()) > 0:
                try:
                    line = await asyncio.wait_for(queue.get(), min(60, rest))
                except asyncio.TimeoutError:
                    line = resource.bookmark(self.world.revision)
                if line is None:
                    break
                await self.chunk(writer, line)
            await self.chunk(writer, b"")
        finally:
            resource.watchers.discard(queue)

    @staticmethod
    def head(writer, status, length):
        kind = "Transfer-Encoding: chunked" if length is None else "Content-Length: %d" % length
        words = "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%s\r\n\r\n"
        writer.write((words % (status, "OK" if status == 200 else "Not Found", kind)).encode())

    async def send(self, writer, status, body):
        self.head(writer, status, len(body))
        writer.write(body)
        await writer.drain()

    @staticmethod
    async def chunk(writer, body):
        writer.write(b"%x\r\n%b\r\n" % (len(body), body))
        await writer.drain()


async def main():
    world = World()
    server = await asyncio.start_server(Server(world).serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            answer = world.obey(line)
        except Exception as error:
            answer = {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps(answer), flush=True)
    # At once: connections are open, and there is nothing to save.
    os._exit(0)


asyncio.run(main())
