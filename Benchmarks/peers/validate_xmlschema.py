"""xmlschema: parse and validate in Python. Prints ns each."""
import sys
import time

import xmlschema

schema = xmlschema.XMLSchema(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    data = file.read()
count = int(sys.argv[3])


def run(times):
    for _ in range(times):
        schema.validate(data)


run(count // 10 + 1)
start = time.perf_counter_ns()
run(count)
print((time.perf_counter_ns() - start) / count)
