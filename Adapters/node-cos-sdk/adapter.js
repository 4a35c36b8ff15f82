'use strict';
// An adapter of protocol version 1 that calls the official Node SDK, cos-nodejs-sdk-v5. It has no method for an operation:
// as in its samples, a body made by COS.util.json2xml goes to cos.request, with ContentType. Nothing of it is changed.

const readline = require('readline');
const COS = require('cos-nodejs-sdk-v5');

const SECONDS_MAX = 8;

// method, path; `COS` for the host of objects; what the operation always has in its query.
const OPERATIONS = {
  'file-jobs.submit': { method: 'POST', path: 'file_jobs' },
  'file-jobs.query': { method: 'GET', path: 'file_jobs/<jobId>' },
  'jobs.submit': { method: 'POST', path: 'jobs' },
  'jobs.query': { method: 'GET', path: 'jobs/<jobId>' },
  'jobs.list': { method: 'GET', path: 'jobs' },
  'jobs.cancel': { method: 'PUT', path: 'jobs/<jobId>', query: { cancel: '' } },
  'batch-jobs.submit': { method: 'POST', path: 'inventorytriggerjob' },
  'batch-jobs.query': { method: 'GET', path: 'inventorytriggerjob/<jobId>' },
  'batch-jobs.list': { method: 'GET', path: 'inventorytriggerjob' },
  'batch-jobs.cancel': { method: 'PUT', path: 'inventorytriggerjob/<jobId>', query: { cancel: '' } },
  'doc-jobs.submit': { method: 'POST', path: 'doc_jobs' },
  'doc-jobs.query': { method: 'GET', path: 'doc_jobs/<jobId>' },
  'doc-jobs.list': { method: 'GET', path: 'doc_jobs' },
  'queues.list': { method: 'GET', path: 'queue' },
  'queues.update': { method: 'PUT', path: 'queue/<queueId>' },
  'templates.create': { method: 'POST', path: 'template' },
  'templates.update': { method: 'PUT', path: 'template/<templateId>' },
  'workflows.trigger': { method: 'POST', path: 'triggerworkflow' },
  'objects.file-hash': { method: 'GET', path: '<Object>', object: true, query: { 'ci-process': 'filehash' } },
};

function parameters(message) {
  const operation = OPERATIONS[message.operation];
  const { path: places = {}, query = [], body } = message.arguments;
  const { bucket, region, scheme } = message.endpoint;
  const given = {
    Method: operation.method,
    Key: operation.path.replace(/<(\w+)>/, (_, name) => places[name]),
    Query: { ...operation.query, ...Object.fromEntries(query.map(([name, value]) => [name, value ?? ''])) },
  };
  // An object is named by bucket and key; the samples give the address of everything else.
  if (operation.object) Object.assign(given, { Bucket: bucket, Region: region });
  else given.Url = `${scheme}://${bucket}.ci.${region}.myqcloud.com/${given.Key}`;
  if (body) Object.assign(given, { Body: COS.util.json2xml({ Request: body }), ContentType: 'application/xml' });
  return given;
}

function told(err) {
  const name = err.name || 'Error';
  if (!err.error || typeof err.error !== 'object') {
    return { kind: err.statusCode ? 'service' : 'client', name, status: err.statusCode, code: err.code, message: err.message };
  }
  return {
    kind: 'service', name, status: err.statusCode, code: err.code, message: err.message,
    request_id: err.error.RequestId, trace_id: err.error.TraceId,
  };
}

// An exception in one of the SDK's own listeners ends its user's program.
let uncaught = () => {};
process.on('uncaughtException', (fault) => uncaught(fault));

function call(message) {
  if (!OPERATIONS[message.operation]) return { skipped: `no such operation as ${message.operation}` };
  const { credentials, endpoint, now } = message;
  const cos = new COS({
    SecretId: credentials.secret_id, SecretKey: credentials.secret_key, SecurityToken: credentials.token,
    Protocol: `${endpoint.scheme}:`, Ip: endpoint.connect, SystemClockOffset: now * 1000 - Date.now(), Timeout: 5000,
  });
  return new Promise((resolve) => {
    const failed = (name, text) => resolve({ failure: { kind: 'client', name, message: text } });
    const timer = setTimeout(() => failed('silence', 'the SDK calls nobody back'), SECONDS_MAX * 1000);
    uncaught = (fault) => failed('uncaught exception', String(fault.message).slice(0, 1000));
    cos.request(parameters(message), (err, data) => {
      clearTimeout(timer);
      if (err) return resolve({ failure: told(err) });
      // Beside the document it hands out the status and the fields of the response.
      const { statusCode, headers, RequestId, ...result } = data;
      resolve({ result });
    });
  });
}

async function answer(message) {
  if (message.command === 'hello') {
    return {
      protocol: 1, name: 'cos-nodejs-sdk-v5', version: COS.version, language: `Node ${process.version}`,
      commands: ['call'], chooses: ['headers'],
    };
  }
  return message.command === 'call' ? call(message) : { skipped: `no command '${message.command}'` };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    let reply;
    try {
      reply = await answer(message);
    } catch (fault) {
      reply = { failure: { kind: 'client', name: fault.name, message: fault.message } };
    }
    process.stdout.write(`${JSON.stringify({ id: message.id, ...reply })}\n`);
  }
  process.exit(0);
}

main();
