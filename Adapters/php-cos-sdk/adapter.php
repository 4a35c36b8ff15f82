<?php
// An adapter of protocol version 1 that calls the official PHP SDK, cos-php-sdk-v5: the protocol here, the operations in
// calls.php, arguments in arguments.php. Nothing of the SDK is changed but the waiting between two tries; its clock is the
// machine's.

error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', 'stderr');
require getenv('COS_PHP_SDK_AUTOLOAD');
require __DIR__ . '/arguments.php';
require __DIR__ . '/calls.php';

function answer($message)
{
    if ($message['command'] === 'hello') {
        return ['protocol' => 1, 'name' => 'cos-php-sdk-v5', 'version' => Qcloud\Cos\Client::VERSION,
            'language' => 'PHP ' . PHP_VERSION, 'commands' => ['call'], 'chooses' => ['headers', 'times']];
    }
    return $message['command'] === 'call' ? call($message) : ['skipped' => "no command '{$message['command']}'"];
}

while (($line = fgets(STDIN)) !== false) {
    $message = json_decode($line, true);
    try {
        $reply = answer($message);
    } catch (Inexpressible $reason) {
        $reply = ['skipped' => $reason->getMessage()];
    } catch (Throwable $fault) {
        $reply = ['error' => get_class($fault) . ': ' . $fault->getMessage()];
    }
    $form = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE;
    fwrite(STDOUT, json_encode(['id' => $message['id']] + $reply, $form) . "\n");
}
