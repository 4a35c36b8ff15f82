-- Sends the requests of a file in turn: one a line, its parts parted by tabs: method, path, Host, Authorization, body.
local requests, next_one = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, host, authorization, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = { ["Host"] = host, ["Authorization"] = authorization }
    if body ~= "" then headers["Content-Type"] = "application/xml" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  -- Each thread begins elsewhere.
  next_one = math.random(#requests)
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency)
  io.write(string.format("RESULT %f %f %d %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1e3,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
