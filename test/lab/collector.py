"""A collector of OTLP logs, over HTTPS. It reads JSON by the official protobuf definitions, strictly, and keeps what it was sent."""
import gzip
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

host, port, certificate, key, authorization, kept = sys.argv[1:]


class Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if self.headers.get("authorization") != authorization:
            return self.answer(401, b"")
        if self.path != "/v1/logs" or self.headers.get("content-type") != "application/json":
            return self.answer(415, b"")
        try:
            request = json_format.Parse(body, ExportLogsServiceRequest())
        except json_format.ParseError as error:
            return self.answer(400, str(error).encode())
        with open(kept, "a", encoding="utf-8") as file:
            for resource in request.resource_logs:
                for scope in resource.scope_logs:
                    for record in scope.log_records:
                        file.write(json_format.MessageToJson(record, indent=None) + "\n")
        self.answer(200, json_format.MessageToJson(ExportLogsServiceResponse()).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer((host, int(port)), Collector)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
