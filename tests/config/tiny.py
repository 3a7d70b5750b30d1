"""An application for the tests of the server: says how long the body was and who asked, slowly where asked to."""

import time


def application(asked, start_response):
    body = asked["wsgi.input"].read()
    if asked["PATH_INFO"] == "/slow/":
        time.sleep(1)
    said = f"{len(body)} bytes for {asked.get('HTTP_X_FORWARDED_FOR', 'nobody')}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]
