"""The signer of the published Python SDK on the requests that bench signs: sign_sdk.py COUNT [list|others]. Prints ns each."""
import sys
import time
from types import SimpleNamespace

from qcloud_cos import CosConfig
from qcloud_cos.cos_auth import CosS3Auth

config = CosConfig(Region="ap-chongqing", SecretId="AKIDfake0000000000000000000000000000", SecretKey="fakeKey000000000000000000000000")
HOST = "test-1250000000.ci.ap-chongqing.myqcloud.com"
if sys.argv[2:] == ["list"]:
    path, method = "/jobs", "GET"
    params = {
        "queueId": "p2911917386e148639319e13c285cc774", "tag": "Animation", "orderByTime": "Desc", "nextToken": "10",
        "size": "20", "states": "Success,Failed", "startCreationTime": "2022-07-18T15:16:43+0800",
        "endCreationTime": "2022-07-19T15:16:43+0800"}
    fields = {"Host": HOST}
else:
    path, method, params = "/file_jobs", "POST", {"a": "b"}
    fields = {"Host": HOST, "Content-Type": "application/xml", "Content-Length": "166"}
requests = [(path, fields)]
if sys.argv[2:] == ["others"]:
    # Requests that differ in their paths and lengths, in turn.
    requests = [(f"/file_jobs/f{number}", fields | {"Content-Length": str(100 + number)}) for number in range(64)]
signers = [(CosS3Auth(config, path, params), f"http://{HOST}{path}", fields) for path, fields in requests]
count = int(sys.argv[1])


def run(times):
    for number in range(times):
        auth, url, fields = signers[number % len(signers)]
        auth(SimpleNamespace(method=method, url=url, headers=dict(fields)))


run(count // 10 + 1)
start = time.perf_counter_ns()
run(count)
print((time.perf_counter_ns() - start) / count)
