"""Sends one request with `requests` and compares each answer with the first by lxml. Prints ns each."""
import sys
import time

import requests
from lxml import etree

url, count = sys.argv[1], int(sys.argv[2])
headers = dict(field.split(": ", 1) for field in sys.argv[3:])
session = requests.Session()
session.trust_env = False
VOLATILE = {"RequestId"}


def texts(body):
    """The leaf texts by path, without what differs each time."""
    root = etree.fromstring(body)
    tree = root.getroottree()
    return {tree.getpath(node): node.text for node in root.iter() if len(node) == 0 and node.tag not in VOLATILE}


recorded = session.get(url, headers=headers).content


def run(times):
    for _ in range(times):
        answer = session.get(url, headers=headers)
        if answer.status_code != 200 or texts(answer.content) != texts(recorded):
            sys.exit("another answer")


run(count // 10 + 1)
start = time.perf_counter_ns()
run(count)
print((time.perf_counter_ns() - start) / count)
