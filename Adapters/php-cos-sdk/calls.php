<?php
// `call` of the adapter protocol on the official PHP SDK.

use GuzzleHttp\Utils;
use Qcloud\Cos\Client;
use Qcloud\Cos\Exception\ServiceResponseException;

/** The SDK's client that does not wait between two tries. */
class Impatient extends Client
{
    public function retryDelay()
    {
        return fn($tries) => 0;
    }
}

function call($message)
{
    $client = connected($message['endpoint'], $message['credentials']);
    $arguments = $message['arguments'];
    $body = $arguments['body'] ?? null;
    $name = method($message['operation'], $body['Tag'] ?? null, $client->getApi());
    $operation = $client->getDescription()->getOperation($name);
    $query = array_column($arguments['query'] ?? [], 1, 0);
    $given = (new Arguments())->of($operation, $body === null ? 'query' : 'xml', $body ?? $query);
    foreach ($arguments['path'] ?? [] as $identifier) {
        $given['Key'] = $identifier;
    }
    try {
        $result = $client->$name($given + ['Bucket' => $message['endpoint']['bucket']])->toArray();
    } catch (ServiceResponseException $refusal) {
        return ['failure' => ['kind' => 'service', 'name' => (new ReflectionClass($refusal))->getShortName(),
            'status' => $refusal->getStatusCode(), 'code' => (string) $refusal->getExceptionCode(),
            'message' => $refusal->getMessage(), 'request_id' => (string) $refusal->getRequestId()]];
    } catch (Throwable $fault) { // what the SDK lets through reaches its user just so
        return ['failure' => ['kind' => 'client', 'name' => get_class($fault),
            'message' => substr(mb_scrub($fault->getMessage()), 0, 1000)]];
    }
    return ['result' => ofDocument($result, $client->getDescription()->getModel($operation->getResponseModel())) ?: null];
}

/** The client; the SDK refuses these calls without https, the connection alone goes to the plain address. */
function connected($endpoint, $keys)
{
    $client = new Impatient(['region' => $endpoint['region'], 'scheme' => 'https', 'timeout' => 5, 'credentials' => [
        'secretId' => $keys['secret_id'], 'secretKey' => $keys['secret_key'], 'token' => $keys['token'] ?? null]]);
    [$host, $port] = explode(':', $endpoint['connect']);
    $send = Utils::chooseHandler();
    $client->httpClient->getConfig('handler')->setHandler(fn($request, $options) => $send(
        $request->withUri($request->getUri()->withScheme('http')->withHost($host)->withPort((int) $port), true), $options));
    return $client;
}

/** A result without what is not of the document: fields of the response, and what the SDK adds of the request. */
function ofDocument($result, $model)
{
    foreach (['Key', 'Bucket', 'Location', 'RequestId', 'ContentType', 'ContentLength'] as $extra) {
        $property = $model->getProperty($extra);
        if (!$property || $property->getLocation() !== 'xml') {
            unset($result[$extra]);
        }
    }
    return $result;
}

function method($operation, $tag, $api)
{
    $file = ['FileHashCode' => 'CreateFileHashCodeJobs', 'FileUncompress' => 'CreateFileUncompressJobs',
        'FileCompress' => 'CreateFileCompressJobs'];
    // For many tags there is a method of its own; some of those post to other paths.
    $media = isset($api["CreateMedia{$tag}Jobs"]) && $api["CreateMedia{$tag}Jobs"]['uri'] === '/{Bucket}jobs';
    $methods = [
        'file-jobs.submit' => $file[$tag] ?? null,
        'file-jobs.query' => 'GetFileHashCodeResult',
        'jobs.submit' => $media ? "CreateMedia{$tag}Jobs" : 'CreateMediaJobs',
        'jobs.query' => 'DescribeMediaJob',
        'jobs.list' => 'DescribeMediaJobs',
        'batch-jobs.submit' => 'CreateInventoryTriggerJob',
        'batch-jobs.query' => 'DescribeInventoryTriggerJob',
        'batch-jobs.list' => 'DescribeInventoryTriggerJobs',
        'batch-jobs.cancel' => 'CancelInventoryTriggerJob',
        'doc-jobs.submit' => 'CreateDocProcessJobs',
        'doc-jobs.query' => 'DescribeDocProcessJob',
        'doc-jobs.list' => 'GetDescribeDocProcessJobs',
        'queues.list' => 'DescribeMediaQueues',
        'queues.update' => 'UpdateMediaQueue',
        'templates.create' => 'CreateMediaAnimationTemplate',
        'templates.update' => 'UpdateMediaAnimationTemplate',
        'workflows.trigger' => 'TriggerWorkflow',
        'objects.file-hash' => 'FileJobs4Hash',
    ];
    return $methods[$operation] ?? throw new Inexpressible("no method for $operation");
}
