"""Serves one GGUF file through llama.cpp's own server until standard input closes.

Prints one line of JSON when it answers: {"base_url": "http://127.0.0.1:<port>"}.
Run by Kanae as `python -I -c <this text> <gguf> <name>`; the pipe on standard input is held by the
process that started it, so that the server ends when that process does, however it ends.
"""

import json
import os
import sys
import time
import urllib.request

import xllamacpp


def main() -> None:
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.model_alias = {sys.argv[2]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # a free one
    params.n_parallel = 4
    params.n_ctx = 4096
    params.warmup = False
    # Threads that wait for one another spin: on a busy machine with two cores, one thread answers
    # three times faster than llama.cpp's default.
    threads = max(1, min(4, (os.cpu_count() or 2) // 2))
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(params)
    base_url = server.listening_address
    # No proxy of the environment stands between this process and its own port.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 120
    while True:
        try:
            with opener.open(base_url + "/health", timeout=5) as response:
                if json.load(response).get("status") == "ok":
                    break
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)
    print(json.dumps({"base_url": base_url}), flush=True)
    sys.stdin.buffer.read()
    # Answers in flight are of no use to anyone any more.
    os._exit(0)


main()
