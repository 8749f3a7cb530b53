"""Serves a fake AWS in which clusters live, and moves them on as it is told.

Written first:    {"port": N}
Read on stdin, a JSON object per line; answered by one per line: {"ok": true, ...} or {"ok": false, "error": "..."}.
Every command has "command"; most have "region" and "cluster"; "at" (ISO time, now without it) says when it happened and
"since" when it began. AWSRig.swift lists them. The process ends with its stdin.
"""

import hashlib
import json
import os
import sys
from collections import Counter
from datetime import datetime, timezone

os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_EC2_METADATA_DISABLED="true")

import boto3
from moto import mock_aws

from aws_cluster import ACCOUNT, VERSION, Cluster, Refused, add_stack, now, random_letters
from aws_front import FAULTS, Front, mend

CONFIGURATION = b"""
Region: us-east-1
Image: {Os: alinux2023}
HeadNode:
  InstanceType: t3.micro
  Networking: {SubnetId: subnet-12345678}
Scheduling:
  Scheduler: slurm
  SlurmQueues:
    - Name: q1
      ComputeResources: [{Name: cr1, InstanceType: t3.micro, MinCount: 0, MaxCount: 16}]
      Networking: {SubnetIds: [subnet-12345678]}
"""


class Driver:
    def __init__(self):
        self.clusters = {}
        self.clients = {}
        self.buckets = {}
        self.tables = set()
        self.front = Front()
        mend(self.clusters)

    # Commands

    def create(self, region, cluster, at, rollback=True, scheduler="slurm", logs=True, tags=None, version=VERSION, **_):
        if (region, cluster) in self.clusters and self.clusters[region, cluster].stack.status != "DELETE_COMPLETE":
            raise Refused("%s is there already" % cluster)
        bucket = self.bucket(region)
        folder = "parallelcluster/%s/clusters/%s-%s" % (version, cluster, random_letters(16).lower())
        key = folder + "/configs/cluster-config.yaml"
        put = self.client("s3", region).put_object(Bucket=bucket, Key=key, Body=CONFIGURATION)
        parameters = {
            "ClusterUser": "ec2-user", "ResourcesS3Bucket": bucket, "ArtifactS3RootDirectory": folder,
            "Scheduler": scheduler, "ConfigVersion": put["VersionId"], "ClusterDNSDomain": cluster + ".pcluster.",
        }
        if logs:
            parameters["ClusterCWLogGroup"] = "/aws/parallelcluster/%s-%s" % (cluster, at.strftime("%Y%m%d%H%M"))
        tags = {"parallelcluster:version": version, "parallelcluster:cluster-name": cluster, **(tags or {})}
        made = Cluster(region, cluster, at, parameters, tags, rollback)
        self.clusters[region, cluster] = made
        return made

    def many(self, region, prefix, count, at, since, steps=20, **_):
        for index in range(count):
            made = self.create(region, "%s%03d" % (prefix, index), since)
            made.step(steps, since, at, False)

    def strangers(self, region, count, at, **_):
        """Stacks that have nothing to do with ParallelCluster; AWS gives them out with the clusters, 50 at a time."""
        for _ in range(count):
            add_stack(region, "app-" + random_letters(8).lower(), at, {}, {})

    def step(self, cluster, at, since, n=1, begin=False, **_):
        cluster.step(n, since, at, begin)

    def wait(self, cluster, at, reason=None, **_):
        if reason is None:
            return cluster.end_waiting(at)
        if not reason.startswith("WaitCondition"):
            node = cluster.head_node.id if cluster.head_node else "i-0"
            reason = "WaitCondition received failed message: '%s' for uniqueId: %s" % (reason, node)
        cluster.fail(cluster.wait.logical, reason, at)

    def fail(self, cluster, at, reason, resource=None, **_):
        cluster.fail(resource, reason, at)

    def finish(self, cluster, at, since, fleet="RUNNING", **_):
        is_creation = cluster.phase == "CREATE"
        cluster.finish(since, at)
        if is_creation and fleet:
            self.fleet(cluster, at, fleet)

    def delete(self, cluster, at, **_):
        cluster.begin_deletion(at)

    def update(self, cluster, at, **_):
        cluster.begin_update(at)

    def head_node(self, cluster, at, state="running", **_):
        cluster.move_head_node(state, at)

    def compute(self, cluster, at, n, queue="q1", **_):
        cluster.shrink(keep=n)
        while len(cluster.compute) < n:
            cluster.compute.append(cluster.launch("Compute", at, queue))

    def fleet(self, cluster, at, status, **_):
        table, client = "parallelcluster-" + cluster.name, self.client("dynamodb", cluster.region)
        if (cluster.region, table) not in self.tables:
            self.tables.add((cluster.region, table))
            client.create_table(
                TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}])
        data = {"status": {"S": status}, "lastStatusUpdatedTime": {"S": str(at.replace(tzinfo=timezone.utc))}}
        client.put_item(TableName=table, Item={"Id": {"S": "COMPUTE_FLEET"}, "Data": {"M": data}})

    def logs(self, cluster, at, since, log, lines, instance=None, **_):
        group = cluster.stack.parameters.get("ClusterCWLogGroup")
        node = next((i for i in cluster.compute if i.id == instance), None) if instance else cluster.head_node
        if not group or node is None:
            raise Refused("%s has no log group, or no such instance" % cluster.name)
        client = self.client("logs", cluster.region)
        stream = "%s.%s.%s" % (node.private_dns_name.split(".")[0], node.id, log)
        if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            client.create_log_group(logGroupName=group)
        if not client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
            client.create_log_stream(logGroupName=group, logStreamName=stream)
        first, share = since.replace(tzinfo=timezone.utc), (at - since) / max(1, len(lines) - 1)
        events = [{"timestamp": int((first + share * index).timestamp() * 1000), "message": line}
                  for index, line in enumerate(lines)]
        if events:
            client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        return {"stream": stream}

    def look(self, cluster, **_):
        pass

    def fault(self, kind=None, region=None, **_):
        self.front.faults.pop(region, None)
        if kind:
            FAULTS[kind]
            self.front.faults[region] = kind

    def requests(self, region=None, cluster=None, reset=False, **_):
        found = Counter()
        for (where, action, stack), count in self.front.asked.items():
            if region in (None, where) and cluster in (None, stack):
                found[action] += count
        if reset:
            self.front.asked.clear()
        return {"requests": found}

    # Their tools

    def client(self, service, region):
        if (service, region) not in self.clients:
            self.clients[service, region] = boto3.client(service, region_name=region)
        return self.clients[service, region]

    def bucket(self, region):
        """ParallelCluster's own bucket of the region, made ready: the policy it would set locks moto's users out."""
        if region not in self.buckets:
            name = "parallelcluster-%s-v1-do-not-delete" % hashlib.sha256((ACCOUNT + region).encode()).hexdigest()[:16]
            client = self.client("s3", region)
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            client.create_bucket(Bucket=name, **place)
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            features = json.dumps({"bootstrapped_features": ["basic", "export-logs"]}).encode()
            client.put_object(Bucket=name, Key="parallelcluster/.bootstrapped", Body=features)
            self.buckets[region] = name
        return self.buckets[region]

    @staticmethod
    def time(text):
        moment = datetime.fromisoformat(text)
        return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment

    @staticmethod
    def describe(cluster):
        resources = [cluster.wait] + cluster.before + cluster.after
        return {
            "status": cluster.stack.status, "stackId": cluster.stack.stack_id, "total": len(resources),
            "complete": sum(resource.state == "COMPLETE" for resource in resources),
            "left": len(cluster.waiting), "events": len(cluster.stack.events), "waitCondition": cluster.wait.logical,
            "headNode": cluster.head_node.id if cluster.head_node else None,
            "instances": [instance.id for instance in cluster.compute],
            "logGroup": cluster.stack.parameters.get("ClusterCWLogGroup"),
        }

    def obey(self, line):
        command = json.loads(line)
        name = command.pop("command")
        if name not in OF_REGIONS | OF_CLUSTERS:
            raise Refused("there is no command %s" % name)
        command["at"] = self.time(command["at"]) if "at" in command else now()
        command["since"] = self.time(command["since"]) if "since" in command else command["at"]
        if name in OF_CLUSTERS:
            where = command.pop("region"), command["cluster"]
            if where not in self.clusters:
                raise Refused("there is no cluster %s in %s" % where[::-1])
            command["cluster"] = self.clusters[where]
        cluster = command.get("cluster")
        answer = getattr(self, name.replace("-", "_"))(**command)
        cluster = answer if name == "create" else cluster
        told = self.describe(cluster) if isinstance(cluster, Cluster) else {}
        return {"ok": True, **told, **(answer if isinstance(answer, dict) else {})}


OF_REGIONS = {"create", "many", "strangers", "fault", "requests"}
OF_CLUSTERS = {
    "step", "wait", "fail", "finish", "delete", "update", "head-node", "compute", "fleet", "logs", "look",
}


def main():
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # Commands reach moto without a request, so they are neither counted nor answered with a fault.
    mock_aws().start()
    driver = Driver()
    answers.write(json.dumps({"port": driver.front.port}) + "\n")
    for line in sys.stdin:
        try:
            with driver.front.lock:
                answer = driver.obey(line)
        except Exception as error:
            answer = {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}
        answers.write(json.dumps(answer) + "\n")
    # At once: requests may hang on purpose, and there is nothing to save.
    os._exit(0)


main()
