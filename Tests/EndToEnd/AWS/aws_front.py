"""What stands before moto: counts what is asked, and answers with the fault that is switched on."""

import io
import json
import re
import threading
import time
import urllib.parse
from collections import Counter

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import EC2Backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from aws_cluster import ACCOUNT, now

PAGE = 100
# Kind: the service that answers so (None: all), HTTP status, code, message.
FAULTS = {
    "throttle": ("cloudformation", 400, "Throttling", "Rate exceeded"),
    "expire": (None, 403, "ExpiredToken", "The security token included in the request is expired"),
    "deny": ("cloudformation", 403, "AccessDenied", "User: arn:aws:iam::%s:user/rig is not authorized" % ACCOUNT),
    "hang": ("cloudformation", 0, "", ""),
}


class QuietHandler(MotoRequestHandler):
    def log_request(self, *_):
        pass


class Front:
    """A web server on a free port of this machine; the lock is held while it answers."""

    def __init__(self):
        self.inner = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.RLock()
        self.asked = Counter()
        self.faults = {}
        server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=QuietHandler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        region, service = scope.groups() if scope else ("", "s3")
        form = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace")))
        action = environ.get("HTTP_X_AMZ_TARGET", "").split(".")[-1] or form.get("Action")
        with self.lock:
            self.asked[region, action or "%s:%s" % (service, environ["REQUEST_METHOD"]), form.get("StackName", "")] += 1
        kind = self.fault(region)
        if kind and FAULTS[kind][0] in (None, service):
            if kind == "hang":
                while self.fault(region) == "hang":
                    time.sleep(0.1)
            else:
                return self.refuse(service, *FAULTS[kind][1:], start_response)
        with self.lock:
            return list(self.inner(environ, start_response))

    def fault(self, region):
        return self.faults.get(region) or self.faults.get(None)

    @staticmethod
    def refuse(service, status, code, message, start_response):
        error = "<Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>" % (code, message)
        texts = {
            "dynamodb": json.dumps({"__type": code + "Exception", "message": message}),
            "logs": json.dumps({"__type": code + "Exception", "message": message}),
            "ec2": "<Response><Errors>%s</Errors><RequestID>0</RequestID></Response>" % error,
            "s3": error,
        }
        text = texts.get(service, "<ErrorResponse>%s<RequestId>0</RequestId></ErrorResponse>" % error)
        start_response("%d %s" % (status, code), [("Content-Type", "text/xml"), ("Content-Length", str(len(text)))])
        return [text.encode()]


def mend(clusters):
    """moto answers with all events at once and deletes a stack in no time; CloudFormation does neither. EC2 tags snapshots, too."""

    def describe_stack_events(response):
        stack = response.cloudformation_backend.get_stack(response._get_param("StackName"))
        events, token = stack.events[::-1], response._get_param("NextToken")
        start = 0
        if token:
            # The token names an event, so that what happens meanwhile does not move the pages.
            start = next((index + 1 for index, event in enumerate(events) if str(event.event_id) == token), None)
            if start is None:
                raise ValidationError(message="Invalid NextToken")
        page = events[start : start + PAGE]
        has_more = len(events) > start + PAGE
        return ActionResult({"StackEvents": page, "NextToken": str(page[-1].event_id) if has_more else None})

    def delete_stack(response):
        name = response._get_param("StackName")
        for cluster in clusters.values():
            if cluster.region == response.region and name in (cluster.name, cluster.stack.stack_id):
                cluster.begin_deletion(now())
        return EmptyResult()

    CloudFormationResponse.describe_stack_events = describe_stack_events
    CloudFormationResponse.delete_stack = delete_stack

    create_image = EC2Backend.create_image

    def create_tagged_image(backend, instance_id, name, description, tag_specifications):
        wanted = {"image": [], "snapshot": []}
        for specification in tag_specifications:
            wanted[specification["ResourceType"]] += specification["Tags"]
        image = create_image(backend, instance_id, name, description, [{"ResourceType": "image", "Tags": wanted["image"]}])
        for tag in wanted["snapshot"]:
            image.ebs_snapshot.add_tag(tag["Key"], tag["Value"])
        return image

    EC2Backend.create_image = create_tagged_image
