"""lxml: parse and validate. Prints ns each."""
import sys
import time

from lxml import etree

schema = etree.XMLSchema(file=sys.argv[1])
with open(sys.argv[2], "rb") as file:
    data = file.read()
count = int(sys.argv[3])


def run(times):
    for _ in range(times):
        assert schema.validate(etree.fromstring(data))


run(count // 10 + 1)
start = time.perf_counter_ns()
run(count)
print((time.perf_counter_ns() - start) / count)
