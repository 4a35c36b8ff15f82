"""The signer of the published Python SDK on the request that bench signs. Prints ns each."""
import sys
import time
from types import SimpleNamespace

from qcloud_cos import CosConfig
from qcloud_cos.cos_auth import CosS3Auth

config = CosConfig(Region="ap-chongqing", SecretId="AKIDfake0000000000000000000000000000", SecretKey="fakeKey000000000000000000000000")
auth = CosS3Auth(config, "/file_jobs", {"a": "b"})
count = int(sys.argv[1])


def run(times):
    for _ in range(times):
        request = SimpleNamespace(
            method="POST", url="http://test-1250000000.ci.ap-chongqing.myqcloud.com/file_jobs?a=b",
            headers={"Host": "test-1250000000.ci.ap-chongqing.myqcloud.com", "Content-Type": "application/xml", "Content-Length": "166"})
        auth(request)


run(count // 10 + 1)
start = time.perf_counter_ns()
run(count)
print((time.perf_counter_ns() - start) / count)
