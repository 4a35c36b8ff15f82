// An adapter of protocol version 1 for Node 18 and later, built-in modules only: sign, presign and verify.
'use strict';

const { createHash, createHmac, timingSafeEqual } = require('node:crypto');

const FIELDS = ['q-sign-algorithm', 'q-ak', 'q-sign-time', 'q-key-time', 'q-header-list', 'q-url-param-list', 'q-signature'];
const SKEW_SECONDS = 900; // how far the start of a signature may lie in the future

const sha1 = (text) => createHash('sha1').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha1', key).update(text).digest('hex');

// encodeURIComponent leaves ! ' ( ) * as they are.
const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => '%' + mark.charCodeAt(0).toString(16).toUpperCase());

// Byte by byte: a stray percent sign stays, and bytes that are no UTF-8 do not throw.
const decode = (text) => {
  const bytes = Buffer.from(text.replace(/\+/g, ' ')).toString('latin1');
  return Buffer.from(bytes.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();
};

// Encoded names are ASCII, so this order is that of their bytes.
const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
const encoded = (pairs) => pairs.map(([name, value]) => [encode(name).toLowerCase(), encode(value ?? '')]);
const joined = (pairs) => ({ list: pairs.map(([name]) => name).join(';'), string: pairs.map((pair) => pair.join('=')).join('&') });

// What is to be signed of the pairs: all, or those that `names` has.
function canonical(pairs, names) {
  const wanted = names && new Set(names.map((name) => name.toLowerCase()));
  return joined(encoded(pairs.filter(([name]) => !wanted || wanted.has(name.toLowerCase()))).sort(byName));
}

function stages(method, path, params, headers, id, key, keyTime, signTime) {
  const signKey = hmac(key, keyTime);
  const httpString = `${method.toLowerCase()}\n${path}\n${params.string}\n${headers.string}\n`;
  const stringToSign = `sha1\n${signTime}\n${sha1(httpString)}\n`;
  const signature = hmac(signKey, stringToSign);
  const values = ['sha1', id, signTime, keyTime, headers.list, params.list, signature];
  if ([...values, path].includes(undefined)) throw new Error('the request lacks a path, a SecretId or a time');
  return {
    key_time: keyTime, sign_key: signKey, url_param_list: params.list, http_parameters: params.string,
    header_list: headers.list, http_headers: headers.string, http_string: httpString, http_string_sha1: sha1(httpString),
    string_to_sign: stringToSign, signature, authorization: FIELDS.map((name, place) => `${name}=${values[place]}`).join('&'),
  };
}

const split = (text, mark) => {
  const place = text.indexOf(mark);
  return place < 0 ? [text, null] : [text.slice(0, place), text.slice(place + mark.length)];
};
const fields = (authorization) => authorization.split('&').map((field) => split(field, '=').map((part) => part ?? ''));

function sign({ request, credentials, key_time, sign_time, signed_header_names, signed_param_names }) {
  return { stages: stages(
    request.method, request.path, canonical(request.params, signed_param_names),
    canonical(request.headers, signed_header_names), credentials.secret_id, credentials.secret_key, key_time, sign_time) };
}

function presign(message) {
  if (!message.url) throw new Error('presign needs url');
  const made = sign(message).stages;
  const query = [...message.request.params, ...fields(made.authorization)]
    .map(([name, value]) => (value === null ? encode(name) : `${encode(name)}=${encode(value)}`));
  const path = message.request.path.split('/').map(encode).join('/');
  return { url: `${message.url}${path}?${query.join('&')}`, stages: made };
}

class Refused extends Error {}

function verify({ request, secrets, now }) {
  try {
    verified(request, new Map(Object.entries(secrets)), now);
    return { accepted: true };
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    return { accepted: false, reason: refusal.message };
  }
}

// Throws Refused unless the request carries a signature that is its own.
function verified(request, secrets, now) {
  const [path, query] = split(request.target, '?');
  let params = (query ?? '').split('&').filter((piece) => piece).map((piece) => split(piece, '=').map((part) => decode(part ?? '')));
  const header = request.headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const merged = params.find(([name]) => name === 'sign')?.[1];
  let given;
  if (header) {
    given = fields(header);
  } else if (params.some(([name]) => FIELDS.includes(name))) {
    given = params.filter(([name]) => FIELDS.includes(name));
    params = params.filter(([name]) => !FIELDS.includes(name));
  } else if (merged) {
    given = fields(merged);
    params = params.filter(([name]) => name !== 'sign');
  } else {
    throw new Refused('AccessDenied');
  }
  const field = new Map(given);
  const spans = ['q-sign-time', 'q-key-time'].map((name) => /^(\d{1,15});(\d{1,15})$/.exec(field.get(name)));
  const wellFormed = given.length === FIELDS.length && FIELDS.every((name) => field.has(name)) && spans.every((span) => span)
    && field.get('q-sign-algorithm') === 'sha1' && /^[0-9a-f]{40}$/.test(field.get('q-signature'));
  if (!wellFormed) throw new Refused('InvalidAuthorization');
  const key = secrets.get(field.get('q-ak'));
  if (key === undefined) throw new Refused('InvalidAccessKeyId');
  for (const [, start, end] of spans) {
    if (+end <= +start || now > +end) throw new Refused('AccessDenied: Request has expired');
    if (now + SKEW_SECONDS < +start) throw new Refused('RequestTimeTooSkewed');
  }
  const own = stages(
    request.method, decode(path), chosen(params, field.get('q-url-param-list')),
    chosen(request.headers, field.get('q-header-list')), field.get('q-ak'), key, field.get('q-key-time'), field.get('q-sign-time'));
  if (!timingSafeEqual(Buffer.from(own.signature), Buffer.from(field.get('q-signature')))) throw new Refused('SignatureDoesNotMatch');
}

// The pairs that the list names, in its order.
function chosen(pairs, list) {
  const left = encoded(pairs);
  return joined((list ? list.toLowerCase().split(';') : []).map((listed) => {
    const place = left.findIndex(([name]) => name === listed || name === encode(listed).toLowerCase());
    if (place < 0) throw new Refused('SignatureDoesNotMatch');
    return left.splice(place, 1)[0];
  }));
}

const hello = () => ({
  protocol: 1, name: 'node-crypto', version: '1', language: `Node ${process.versions.node}`, commands: ['sign', 'presign', 'verify'],
});
const commands = new Map(Object.entries({ hello, sign, presign, verify }));

function answer(line) {
  const message = JSON.parse(line);
  const command = commands.get(message.command);
  if (!command) return { id: message.id, skipped: `no command '${message.command}'` };
  try {
    return { id: message.id, ...command(message) };
  } catch (fault) {
    return { id: message.id, error: fault.message };
  }
}

// Not node:readline, which also ends a line at U+2028.
let rest = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) process.stdout.write(JSON.stringify(answer(line)) + '\n');
});
