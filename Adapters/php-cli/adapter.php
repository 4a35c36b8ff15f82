<?php
// An adapter of protocol version 1 in PHP 8, without extensions to install: sign, presign and verify.
declare(strict_types=1);

const FIELDS = ['q-sign-algorithm', 'q-ak', 'q-sign-time', 'q-key-time', 'q-header-list', 'q-url-param-list', 'q-signature'];
const SKEW_SECONDS = 900; // how far the start of a signature may lie in the future

class Refused extends Exception {}

/** rawurlencode keeps A-Z a-z 0-9 - . _ ~ and nothing else, which is what UrlEncode asks for. */
function encoded(array $pairs): array
{
    return array_map(fn ($pair) => [strtolower(rawurlencode($pair[0])), rawurlencode($pair[1] ?? '')], $pairs);
}

/** The list of the names and the string of the pairs, in the order given. */
function joined(array $pairs): array
{
    return [implode(';', array_column($pairs, 0)), implode('&', array_map(fn ($pair) => "$pair[0]=$pair[1]", $pairs))];
}

/** What is to be signed of the pairs: all, or those that the names have. */
function canonical(array $pairs, ?array $names): array
{
    $wanted = $names === null ? null : array_map('strtolower', $names);
    $pairs = array_filter($pairs, fn ($pair) => $wanted === null || in_array(strtolower($pair[0]), $wanted, true));
    $encoded = encoded(array_values($pairs));
    usort($encoded, fn ($a, $b) => strcmp($a[0], $b[0])); // not <=>, which takes names of digits for numbers
    return joined($encoded);
}

function stages(string $method, string $path, array $params, array $headers, string $id, string $key, string $keyTime, string $signTime): array
{
    $signKey = hash_hmac('sha1', $keyTime, $key);
    $httpString = strtolower($method) . "\n$path\n$params[1]\n$headers[1]\n";
    $digest = sha1($httpString);
    $stringToSign = "sha1\n$signTime\n$digest\n";
    $signature = hash_hmac('sha1', $stringToSign, $signKey);
    $values = ['sha1', $id, $signTime, $keyTime, $headers[0], $params[0], $signature];
    return [
        'key_time' => $keyTime, 'sign_key' => $signKey, 'url_param_list' => $params[0], 'http_parameters' => $params[1],
        'header_list' => $headers[0], 'http_headers' => $headers[1], 'http_string' => $httpString,
        'http_string_sha1' => $digest, 'string_to_sign' => $stringToSign, 'signature' => $signature,
        'authorization' => implode('&', array_map(fn ($name, $value) => "$name=$value", FIELDS, $values)),
    ];
}

function fields(string $text): array
{
    return array_map(fn ($piece) => array_pad(explode('=', $piece, 2), 2, ''), explode('&', $text));
}

function sign(array $message): array
{
    ['request' => $request, 'credentials' => $credentials] = $message;
    return ['stages' => stages(
        $request['method'], $request['path'], canonical($request['params'], $message['signed_param_names'] ?? null),
        canonical($request['headers'], $message['signed_header_names'] ?? null), $credentials['secret_id'],
        $credentials['secret_key'], $message['key_time'], $message['sign_time']
    )];
}

function presign(array $message): array
{
    $made = sign($message)['stages'];
    $query = array_map(
        fn ($pair) => rawurlencode($pair[0]) . ($pair[1] === null ? '' : '=' . rawurlencode($pair[1])),
        [...$message['request']['params'], ...fields($made['authorization'])]
    );
    $path = str_replace('%2F', '/', rawurlencode($message['request']['path']));
    return ['url' => $message['url'] . $path . '?' . implode('&', $query), 'stages' => $made];
}

function verify(array $message): array
{
    try {
        verified($message['request'], $message['secrets'], $message['now']);
        return ['accepted' => true];
    } catch (Refused $refusal) {
        return ['accepted' => false, 'reason' => $refusal->getMessage()];
    }
}

/** Throws Refused unless the request carries a signature that is its own. */
function verified(array $request, array $secrets, int $now): void
{
    [$path, $query] = array_pad(explode('?', $request['target'], 2), 2, '');
    $params = $query === '' ? [] : array_map(fn ($pair) => array_map('urldecode', $pair), fields($query));
    $header = array_values(array_filter($request['headers'], fn ($pair) => strtolower($pair[0]) === 'authorization'))[0][1] ?? '';
    $merged = array_values(array_filter($params, fn ($pair) => $pair[0] === 'sign'))[0][1] ?? '';
    $given = array_values(array_filter($params, fn ($pair) => in_array($pair[0], FIELDS, true)));
    if ($header !== '') {
        $given = fields($header);
    } elseif ($given) {
        $params = array_filter($params, fn ($pair) => !in_array($pair[0], FIELDS, true));
    } elseif ($merged !== '') {
        $given = fields($merged);
        $params = array_filter($params, fn ($pair) => $pair[0] !== 'sign');
    } else {
        throw new Refused('AccessDenied');
    }
    $field = array_column($given, 1, 0);
    if (count($given) !== count(FIELDS) || array_diff(FIELDS, array_keys($field)) || $field['q-sign-algorithm'] !== 'sha1'
        || !preg_match('/^[0-9a-f]{40}$/D', $field['q-signature'])) {
        throw new Refused('InvalidAuthorization');
    }
    $key = $secrets[$field['q-ak']] ?? null;
    foreach (['q-sign-time', 'q-key-time'] as $name) {
        if (!preg_match('/^([0-9]{1,15});([0-9]{1,15})$/D', $field[$name], $span)) {
            throw new Refused('InvalidAuthorization');
        } elseif ($key === null) {
            throw new Refused('InvalidAccessKeyId');
        } elseif ((int) $span[2] <= (int) $span[1] || $now > (int) $span[2]) {
            throw new Refused('AccessDenied: Request has expired');
        } elseif ($now + SKEW_SECONDS < (int) $span[1]) {
            throw new Refused('RequestTimeTooSkewed');
        }
    }
    $own = stages(
        $request['method'], urldecode($path), chosen($params, $field['q-url-param-list']),
        chosen($request['headers'], $field['q-header-list']), $field['q-ak'], $key, $field['q-key-time'], $field['q-sign-time']
    );
    if (!hash_equals($own['signature'], $field['q-signature'])) {
        throw new Refused('SignatureDoesNotMatch');
    }
}

/** The pairs that the list names, in its order. */
function chosen(array $pairs, string $list): array
{
    $left = encoded($pairs);
    $found = [];
    foreach ($list === '' ? [] : explode(';', strtolower($list)) as $name) {
        foreach ($left as $place => $pair) {
            if ($pair[0] === $name || $pair[0] === strtolower(rawurlencode($name))) {
                $found[] = $pair;
                unset($left[$place]);
                continue 2;
            }
        }
        throw new Refused('SignatureDoesNotMatch');
    }
    return joined($found);
}

function hello(array $message): array
{
    return ['protocol' => 1, 'name' => 'php-cli', 'version' => '1', 'language' => 'PHP ' . PHP_VERSION, 'commands' => ['sign', 'presign', 'verify']];
}

// A key that is not there is an error, not an empty text.
set_error_handler(fn ($level, $text) => throw new ErrorException($text));
while (($line = fgets(STDIN)) !== false) {
    $message = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    try {
        $answer = in_array($message['command'], ['hello', 'sign', 'presign', 'verify'], true)
            ? $message['command']($message) : ['skipped' => "no command '{$message['command']}'"];
    } catch (Throwable $fault) {
        $answer = ['error' => $fault->getMessage()];
    }
    fwrite(STDOUT, json_encode(['id' => $message['id']] + $answer, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n");
}
