"""Records what boto3 sends to Amazon Connect, and what it makes of error answers, into the JSON files beside it.

    pip install boto3
    python3 record.py

The tests send the same input with the .NET client and compare. Nothing leaves this machine: boto3 talks to a server in
this process. ConnectWireTests.cs reads requests.json, ConnectErrorTests.cs reads errors.json.
"""

import datetime
import http.server
import json
import pathlib
import threading

import boto3
import botocore.config
import botocore.exceptions

HERE = pathlib.Path(__file__).parent
INSTANCE = "00000000-0000-4000-8000-00000000a001"
FLOW = "00000000-0000-4000-8000-00000000f001"
CONTACT = "00000000-0000-4000-8000-00000000c001"

MINIMUM = {"InstanceId": INSTANCE, "ContactFlowId": FLOW, "Name": "Call back", "ClientToken": "t-1"}

# Dates are written as text here and turned into datetimes for boto3.
REQUESTS = [
    ("minimum", "StartTaskContact", MINIMUM),
    ("no token", "StartTaskContact", {"InstanceId": INSTANCE, "ContactFlowId": FLOW, "Name": "Call back"}),
    ("all fields", "StartTaskContact", {
        "InstanceId": INSTANCE,
        "PreviousContactId": CONTACT,
        "ContactFlowId": FLOW,
        "Attributes": {"customer_id": "4711", "vip-level": ""},
        "Name": "Call back",
        "References": {
            "order": {"Type": "URL", "Value": "https://shop.example/orders/17?tab=a&b=c"},
            "amount": {"Type": "NUMBER", "Value": "12.50"},
            "note": {"Type": "STRING", "Value": "two\nlines"},
            "promised": {"Type": "DATE", "Value": "1800000000"},
            "mail": {"Type": "EMAIL", "Value": "someone@example.com"},
        },
        "Description": "About the invoice",
        "ClientToken": "t-2",
        "ScheduledTime": "2027-01-15T08:00:00Z",
        "TaskTemplateId": "template-1",
        "QuickConnectId": "quick-1",
        "RelatedContactId": CONTACT,
        "SegmentAttributes": {
            "connect:ContactExpiry": {"ValueMap": {"ExpiryDuration": {"ValueInteger": 90}}},
            "connect:CreatedByUser": {"ValueArn": "arn:aws:connect:eu-central-1:123456789012:instance/i/agent/a"},
            "topics": {"ValueList": [{"ValueString": "billing"}, {"ValueString": ""}]},
        },
        "Attachments": [{"FileName": "a.pdf", "S3Url": "https://bucket.example/a.pdf?X-Amz-Signature=abc"}],
    }),
    ("text beyond ASCII", "StartTaskContact", {
        **MINIMUM,
        "Name": "R\u00fcckruf \u2192 \u00bbM\u00fcller\u00ab \U0001f4de \"quoted\" \\ / <b>&amp;'\u2028\t\u0001",
        "Attributes": {"k": "\u65e5\u672c\u8a9e"},
    }),
    ("empty maps", "StartTaskContact", {
        **MINIMUM, "Attributes": {}, "References": {}, "SegmentAttributes": {}}),
    ("a time before 2001", "StartTaskContact", {**MINIMUM, "ScheduledTime": "1999-12-31T23:59:59Z"}),
    ("stop", "StopContact", {"InstanceId": INSTANCE, "ContactId": CONTACT}),
    ("reschedule", "UpdateContactSchedule", {
        "InstanceId": INSTANCE, "ContactId": CONTACT, "ScheduledTime": "2027-01-15T08:00:00Z"}),
    ("describe", "DescribeContact", {"InstanceId": INSTANCE, "ContactId": CONTACT}),
    ("describe by ARN", "DescribeContact", {
        "InstanceId": f"arn:aws:connect:eu-central-1:123456789012:instance/{INSTANCE}", "ContactId": "a b+c~d"}),
]

ERROR_HEADER = "x-amzn-ErrorType"
ERRORS = [
    ("code in the header", 400, {ERROR_HEADER: "InvalidParameterException"}, {"Message": "The flow is wrong"}),
    ("code in the header with a suffix", 429,
     {ERROR_HEADER: "ThrottlingException:http://internal.amazon.com/coral/com.amazonaws.connect/"},
     {"message": "Rate exceeded"}),
    ("code in the body", 404, {}, {"__type": "ResourceNotFoundException", "Message": "No such flow"}),
    ("code in the body with a namespace", 402, {},
     {"__type": "com.amazonaws.connect#ServiceQuotaExceededException", "message": "Too many tasks"}),
    ("code as a member", 400, {}, {"code": "InvalidRequestException", "message": "Not both contacts"}),
    ("server error", 500, {ERROR_HEADER: "InternalServiceException"}, {"Message": "Try later"}),
    ("an error that the operation does not list", 403, {ERROR_HEADER: "AccessDeniedException"},
     {"Message": "not authorized to perform: connect:StartTaskContact"}),
    ("an error that nobody knows", 418, {ERROR_HEADER: "TeapotException"}, {"Message": "short and stout"}),
]


class Server(http.server.BaseHTTPRequestHandler):
    """Keeps the last request; answers with `answer`."""

    seen = None
    answer = (200, {}, {})
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        authorization = self.headers.get("Authorization", "")
        Server.seen = {
            "method": self.command,
            "path": self.path,
            "contentType": self.headers.get("Content-Type"),
            # Credential=<key>/<date>/<region>/<service>/aws4_request: only what does not change from run to run.
            "signedFor": authorization.partition("Credential=")[2].partition(",")[0].split("/")[2:],
            "body": json.loads(body) if body else None,
        }
        status, headers, answer = Server.answer
        payload = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(payload)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_PUT = do_POST = handle_any

    def log_message(self, *_):
        pass


def arguments(value):
    return {
        name: datetime.datetime.fromisoformat(v) if name == "ScheduledTime" else v for name, v in value.items()}


def save(name, records):
    text = json.dumps(records, indent=2, ensure_ascii=True) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = boto3.client(
        "connect",
        region_name="eu-central-1",
        endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )

    def call(operation, value):
        return client._make_api_call(operation, arguments(value))

    requests = []
    for name, operation, value in REQUESTS:
        call(operation, value)
        requests.append({"name": name, "operation": operation, "input": value, "request": Server.seen})
    save("requests.json", requests)

    errors = []
    for name, status, headers, body in ERRORS:
        Server.answer = (status, headers, body)
        try:
            call("StartTaskContact", MINIMUM)
        except botocore.exceptions.ClientError as e:
            errors.append({
                "name": name,
                "status": status,
                "headers": headers,
                "body": body,
                "error": {
                    "code": e.response["Error"]["Code"],
                    "message": e.response["Error"]["Message"],
                },
            })
    save("errors.json", errors)


if __name__ == "__main__":
    main()
