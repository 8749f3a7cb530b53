"""A cluster's stack in moto, walked by hand through what CloudFormation does with ParallelCluster's template."""

import json
import random
import string
import uuid
from datetime import datetime, timezone

import boto3
from moto.cloudformation.models import Event, Stack, cloudformation_backends
from moto.ec2.models import ec2_backends

ACCOUNT = "123456789012"
VERSION = "3.16.1"

# What `pcluster create-cluster` 3.16.1 wrote for one Slurm queue, in an order in which CloudFormation can begin it.
# The wait condition depends on its handle only: it begins long before the head node, and its age counts from there.
BEFORE_WAITING = """
    AWS::Logs::LogGroup CloudWatchLogGroup
    AWS::EC2::SecurityGroup HeadNodeSecurityGroup ComputeSecurityGroup
    AWS::IAM::Role RoleHeadNode CleanupResourcesFunctionExecutionRole
    AWS::Logs::LogGroup CleanupResourcesFunctionLogGroup CleanupRoute53FunctionLogGroup
    AWS::DynamoDB::Table SlurmDynamoDBTable DynamoDBTable
    AWS::Route53::HostedZone Route53HostedZone
    AWS::CloudFormation::WaitConditionHandle HeadNodeWaitConditionHandle{stamp}
    AWS::EC2::SecurityGroupEgress ComputeSecurityGroupEgress
    AWS::EC2::SecurityGroupIngress ComputeSecurityGroupIngress HeadNodeSecurityGroupComputeIngress0
    AWS::EC2::SecurityGroupIngress ComputeSecurityGroupHeadNodeIngress0
    AWS::EC2::NetworkInterface HeadNodeENI
    AWS::IAM::Policy ParallelClusterPoliciesHeadNode
    AWS::IAM::InstanceProfile InstanceProfileHeadNode
    AWS::Lambda::Function CleanupResourcesFunction
    AWS::IAM::Policy SlurmPoliciesHeadNode ParallelClusterSlurmRoute53Policies
    AWS::IAM::Role CleanupRoute53FunctionExecutionRole
    AWS::Logs::MetricFilter ClustermgtdHeartbeatFilter IamPolicyErrorsFilter VcpuLimitErrorsFilter
    AWS::Logs::MetricFilter VolumeLimitErrorsFilter InsufficientCapacityErrorsFilter OtherInstanceLaunchFailuresFilter
    AWS::Logs::MetricFilter InstanceBootstrapTimeoutErrorsFilter EC2HealthCheckErrorsFilter
    AWS::Logs::MetricFilter ScheduledEventHealthCheckErrorsFilter NoCorrespondingInstanceErrorsFilter
    AWS::Logs::MetricFilter SlurmNodeNotRespondingErrorsFilter MaxDynamicNodeIdleTimeFilter
    AWS::EC2::SecurityGroupEgress ComputeSecurityGroupNormalEgress
    AWS::CloudFormation::CustomResource CleanupResourcesS3BucketCustomResource
    AWS::Lambda::Function CleanupRoute53Function
    AWS::CloudFormation::Stack ComputeFleetQueuesNestedStackQueuesNestedStackResource4C142E85
    AWS::CloudFormation::CustomResource ComputeFleetTerminateComputeFleetCustomResource9CE1795B
    AWS::EC2::LaunchTemplate HeadNodeLaunchTemplate
    AWS::CloudFormation::CustomResource CleanupRoute53CustomResource
    AWS::EC2::Instance HeadNode
"""
WAITING = "AWS::CloudFormation::WaitCondition HeadNodeWaitCondition{stamp}"
AFTER_WAITING = """
    AWS::CloudWatch::Alarm HeadNodeHealthAlarmB0807419 HeadNodeCpuAlarm5DF0A86F HeadNodeMemAlarm7B308961
    AWS::CloudWatch::Alarm HeadNodeDiskAlarm3749DE06 HeadNodeClustermgtdHeartbeatAlarm333CCAD7
    AWS::CloudWatch::CompositeAlarm HeadNodeAlarmD6381F07
    AWS::CloudWatch::Dashboard CloudwatchDashboard88785441
"""
CHANGED_BY_UPDATE = ("ComputeFleetQueues", "HeadNodeLaunchTemplate", "ParallelClusterPoliciesHeadNode", "Cloudwatch")

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
PREFIXES = {"AWS::EC2::SecurityGroup": "sg", "AWS::EC2::NetworkInterface": "eni", "AWS::EC2::LaunchTemplate": "lt"}


def now():
    return datetime.now(timezone.utc).replace(tzinfo=None)


def random_letters(count):
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=count))


class Refused(Exception):
    """The command makes no sense at this point of the cluster's life."""


def stack_id(region, name):
    return "arn:aws:cloudformation:%s:%s:stack/%s/%s" % (region, ACCOUNT, name, uuid.uuid4())


def add_stack(region, name, at, parameters, tags):
    """A stack without resources: moto would create them all at once."""
    template = {"Parameters": {key: {"Type": "String"} for key in parameters}, "Resources": {}}
    stack = Stack(stack_id(region, name), name, json.dumps(template), parameters, ACCOUNT, region, tags=tags)
    stack.creation_time, stack.status = at, "CREATE_COMPLETE"
    cloudformation_backends[ACCOUNT][region].stacks[stack.stack_id] = stack
    return stack


class Resource:
    def __init__(self, cluster, logical, kind):
        self.logical, self.kind, self.state = logical, kind, None
        prefix = PREFIXES.get(kind)
        self.physical = "%s-%s-%s" % (cluster.name, logical, random_letters(12))
        if prefix:
            self.physical = "%s-%s" % (prefix, uuid.uuid4().hex[:17])
        elif kind == "AWS::CloudFormation::Stack":
            self.physical = stack_id(cluster.region, self.physical)

    @property
    def is_retained(self):
        return self.kind == "AWS::Logs::LogGroup"


class Cluster:
    """Times are naive and in UTC, as moto's are."""

    def __init__(self, region, name, at, parameters, tags, rolls_back):
        self.region, self.name, self.rolls_back = region, name, rolls_back
        self.phase = "CREATE"
        self.compute = []
        self.head_node = None
        stamp = at.strftime("%Y%m%d%H%M%S")
        self.before, (self.wait,), self.after = (
            [Resource(self, logical, kind)
             for kind, *names in map(str.split, text.replace("{stamp}", stamp).strip().splitlines())
             for logical in names]
            for text in (BEFORE_WAITING, WAITING, AFTER_WAITING))
        self.queue = self.before + self.after
        self.stack = add_stack(region, name, at, parameters, tags)
        self.tell_stack("CREATE_IN_PROGRESS", at, "User Initiated")

    # Events

    def tell(self, logical, physical, kind, status, at, reason=None):
        event = Event(self.stack.stack_id, self.name, logical, physical, kind, status, reason, None)
        event.timestamp = at
        self.stack.events.append(event)
        self.stack.events.sort(key=lambda event: event.timestamp)

    def tell_stack(self, status, at, reason=None):
        self.tell(self.name, self.stack.stack_id, "AWS::CloudFormation::Stack", status, at, reason)
        self.stack.status = status
        self.stack.stack_status_reason = reason

    def begin(self, resource, at, initiated=None):
        verb = self.verb
        is_new = verb == "CREATE"
        resource.state = "IN_PROGRESS"
        self.tell(resource.logical, "" if is_new else resource.physical, resource.kind, verb + "_IN_PROGRESS", at)
        if resource.logical == "HeadNode":
            self.move_head_node({"CREATE": "pending", "DELETE": "shutting-down"}.get(verb), at)
        if is_new:
            self.tell(resource.logical, resource.physical, resource.kind, "CREATE_IN_PROGRESS", initiated or at,
                      "Resource creation Initiated")

    def end(self, resource, at, status="COMPLETE", reason=None):
        verb = self.verb
        resource.state = status if verb != "DELETE" or status == "FAILED" else "GONE"
        self.tell(resource.logical, resource.physical, resource.kind, "%s_%s" % (verb, status), at, reason)
        if status != "COMPLETE":
            return
        if resource.logical == "HeadNode":
            self.move_head_node({"CREATE": "running", "DELETE": "terminated"}.get(verb), at)
        elif verb == "DELETE" and resource.logical.startswith("ComputeFleetTerminate"):
            self.shrink()
        elif verb == "CREATE" and resource.logical.startswith("HeadNodeWaitConditionHandle"):
            self.begin(self.wait, at)

    # The walk

    @property
    def verb(self):
        return {"ROLLBACK": "DELETE", "UPDATE_ROLLBACK": "UPDATE"}.get(self.phase, self.phase)

    @property
    def waiting(self):
        """The resources that can be moved now, those in progress first as they were first to begin."""
        queue = self.queue
        if self.phase == "CREATE" and self.wait.state != "COMPLETE":
            queue = self.before
        return [resource for resource in queue if resource.state not in ("COMPLETE", "GONE", "FAILED")]

    def require_progress(self):
        if not self.stack.status.endswith("_IN_PROGRESS"):
            raise Refused("%s is in %s" % (self.name, self.stack.status))

    def step(self, count, since, at, only_begin):
        self.require_progress()
        resources = self.waiting
        if only_begin:
            resources = [resource for resource in resources if resource.state != "IN_PROGRESS"]
        resources = resources[:count]
        share = (at - since) / max(1, len(resources))
        for index, resource in enumerate(resources):
            begun, ended = since + share * index, since + share * (index + 1)
            if self.verb == "DELETE" and resource.is_retained:
                self.end(resource, ended, "SKIPPED")
                continue
            if resource.state != "IN_PROGRESS":
                self.begin(resource, begun, begun + share / 5)
            if not only_begin:
                self.end(resource, ended)

    def end_waiting(self, at):
        self.require_progress()
        if self.before[-1].state != "COMPLETE":
            raise Refused("the head node of %s is not complete" % self.name)
        self.end(self.wait, at)

    def fail(self, name, reason, at):
        self.require_progress()
        if name:
            matches = [r for r in [self.wait] + self.queue if r.logical.startswith(name)]
            exact = [r for r in matches if r.logical == name] or matches
        else:
            exact = self.waiting
        if not exact:
            raise Refused("%s has no resource %s" % (self.name, name))
        resource = exact[0]
        if resource.state != "IN_PROGRESS":
            self.begin(resource, at)
        self.end(resource, at, "FAILED", reason)
        failed = [resource]
        if self.phase == "CREATE":
            for other in [self.wait] + self.queue:
                if other.state == "IN_PROGRESS":
                    self.end(other, at, "FAILED", "Resource creation cancelled")
                    failed.append(other)
        text = "The following resource(s) failed to %s: [%s]. " % (
            self.verb.lower(), ", ".join(resource.logical for resource in failed))
        if self.phase == "CREATE" and self.rolls_back:
            self.start("ROLLBACK", at, text + "Rollback requested by user.")
        elif self.phase == "UPDATE":
            self.start("UPDATE_ROLLBACK", at, text)
        else:
            self.tell_stack(self.phase + "_FAILED", at, text)

    def begin_deletion(self, at):
        if self.phase != "DELETE" or self.stack.status == "DELETE_FAILED":
            self.start("DELETE", at)

    def begin_update(self, at):
        if self.stack.status.endswith("_IN_PROGRESS"):
            raise Refused("%s is in %s" % (self.name, self.stack.status))
        self.start("UPDATE", at)

    def start(self, phase, at, reason="User Initiated"):
        """Begins a deletion, an update or a rollback of either."""
        everything = self.before + [self.wait] + self.after
        if phase in ("DELETE", "ROLLBACK"):
            self.queue = [r for r in reversed(everything) if r.state not in (None, "GONE")]
        elif phase == "UPDATE":
            self.stack.last_updated_time = at
            self.queue = [r for r in everything if r.logical.startswith(CHANGED_BY_UPDATE)]
        else:
            untouched = [r for r in self.queue if r.state == "BEFORE"]
            self.queue = [r for r in self.queue if r.state != "BEFORE"]
            for resource in untouched:
                resource.state = "COMPLETE"
        for resource in self.queue:
            resource.state = "BEFORE"
        self.phase = phase
        self.tell_stack(phase + "_IN_PROGRESS", at, reason)

    def finish(self, since, at):
        """Moves everything that is left, and the stack itself, to the good end of what is going on."""
        if self.phase == "CREATE" and self.wait.state != "COMPLETE":
            middle = since + (at - since) / 2
            self.step(len(self.before), since, middle, False)
            self.end_waiting(since + (at - since) * 0.9)
            since += (at - since) * 0.9
        self.step(len(self.queue), since, at, False)
        if self.phase.startswith("UPDATE"):
            self.tell_stack(self.phase + "_COMPLETE_CLEANUP_IN_PROGRESS", at)
        self.tell_stack(self.phase + "_COMPLETE", at)
        if self.phase == "DELETE":
            backend = cloudformation_backends[ACCOUNT][self.region]
            backend.deleted_stacks[self.stack.stack_id] = backend.stacks.pop(self.stack.stack_id)

    # Instances

    def launch(self, node_type, at, queue=None):
        tags = {"Name": node_type, "parallelcluster:cluster-name": self.name, "parallelcluster:node-type": node_type,
                "parallelcluster:version": VERSION, "parallelcluster:attributes": "alinux2023, slurm, 3.16.1, x86_64"}
        if queue:
            tags.update({"Name": "Compute", "parallelcluster:queue-name": queue})
        answer = boto3.client("ec2", region_name=self.region).run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, InstanceType="t3.micro",
            TagSpecifications=[{"ResourceType": "instance",
                                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}])
        instance = ec2_backends[ACCOUNT][self.region].get_instance(answer["Instances"][0]["InstanceId"])
        instance.launch_time = at
        return instance

    def move_head_node(self, state, at):
        if state is None:
            return
        if self.head_node is None or (state == "pending" and self.head_node.state == "terminated"):
            self.head_node = self.launch("HeadNode", at)
            head = next(resource for resource in self.before if resource.logical == "HeadNode")
            head.physical = self.head_node.id
        self.set_state(self.head_node, state)

    def shrink(self, keep=0):
        for instance in self.compute[keep:]:
            self.set_state(instance, "terminated")
        del self.compute[keep:]

    @staticmethod
    def set_state(instance, state):
        instance._state.name, instance._state.code = state, STATE_CODES[state]
