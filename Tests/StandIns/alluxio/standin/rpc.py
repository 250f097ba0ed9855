"""Calls between client, master and workers: one POST with JSON in and out; a worker's blocks travel as bytes."""
import http.client
import http.server
import json
import socketserver
import threading
import traceback

from .paths import AlluxioError


class Unreachable(Exception):
    """Nobody answers there."""


def exchange(address, method, path, body=b"", timeout=10):
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{address[0]}:{address[1]}: {error}") from error
    finally:
        connection.close()


def call(addresses, name, /, **arguments):
    """Asks the first that answers: a standby master does not even listen."""
    for address in addresses:
        try:
            status, body = exchange(address, "POST", "/" + name, json.dumps(arguments).encode())
            break
        except Unreachable as error:
            last = error
    else:
        raise last
    answer = json.loads(body)
    if status != 200:
        raise AlluxioError(answer["error"])
    return answer


class Server(http.server.ThreadingHTTPServer):
    """Gives every request to `answer(method, path, body)`, which returns (status, bytes or a value for JSON)."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port, answer, host=""):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    status, value = answer(self.command, self.path, body)
                except AlluxioError as error:
                    status, value = 400, {"error": str(error)}
                except Exception as error:  # a mistake in here: whoever called gets to see it
                    traceback.print_exc()
                    status, value = 500, {"error": repr(error)}
                content = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *_):
                pass

        super().__init__((host, port), Handler)

    def server_bind(self):
        # HTTPServer would look its own name up, which takes seconds where DNS does not answer.
        socketserver.TCPServer.server_bind(self)

    def start(self):
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        return self
