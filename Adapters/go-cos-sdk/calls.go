package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	cos "github.com/tencentyun/cos-go-sdk-v5"
)

// Sending calls a method of the SDK; its result is a pointer to one of the SDK's structs, or nil when it has none.
type Sending func(context.Context, *cos.Client) (any, *cos.Response, error)

// call runs one operation. An argument that no field of the method's options takes makes the case `skipped`.
func call(message *Message) (reply object) {
	prepare, known := operations[message.Operation]
	if !known {
		return object{"skipped": "no method for " + message.Operation}
	}
	filling := &Filling{}
	sending := prepare(message, filling)
	if reason := filling.reason(); reason != "" {
		return object{"skipped": reason}
	}
	client, close, err := connected(message)
	if err != nil {
		return object{"error": err.Error()}
	}
	defer close()
	defer func() {
		if fault := recover(); fault != nil { // what the SDK lets through reaches its user just so
			reply = object{"failure": object{"kind": "client", "name": "panic", "message": fmt.Sprint(fault)}}
		}
	}()
	result, response, err := sending(context.Background(), client)
	if err != nil {
		return object{"failure": told(response, err)}
	}
	return object{"result": shown(result)}
}

// connected is the SDK's client with its own signer. The connection alone is led to the address that stands for the service.
func connected(message *Message) (*cos.Client, func(), error) {
	endpoint, credentials := message.Endpoint, message.Credentials
	bucket, err := cos.NewBucketURL(endpoint.Bucket, endpoint.Region, endpoint.Scheme == "https")
	if err != nil {
		return nil, nil, err
	}
	processing := &url.URL{
		Scheme: endpoint.Scheme, Host: fmt.Sprintf("%s.ci.%s.myqcloud.com", endpoint.Bucket, endpoint.Region)}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, endpoint.Connect)
		}}
	client := cos.NewClient(&cos.BaseURL{BucketURL: bucket, CIURL: processing}, &http.Client{
		Timeout: 5 * time.Second,
		Transport: &cos.AuthorizationTransport{
			SecretID: credentials.SecretID, SecretKey: credentials.SecretKey, SessionToken: credentials.Token,
			Transport: transport}})
	return client, transport.CloseIdleConnections, nil
}

// told is what an error tells: the fields of the SDK's own, with the header that its text falls back to.
func told(response *cos.Response, err error) object {
	refusal, refused := cos.IsCOSError(err)
	if !refused {
		failure := object{"kind": "client", "name": fmt.Sprintf("%T", err), "message": err.Error()}
		if response != nil {
			failure["status"] = response.StatusCode
		}
		return failure
	}
	requestID := refusal.RequestID
	if requestID == "" {
		requestID = refusal.Response.Header.Get("X-Cos-Request-Id")
	}
	return object{
		"kind": "service", "name": "ErrorResponse", "status": refusal.Response.StatusCode, "code": refusal.Code,
		"message": refusal.Message, "request_id": requestID, "trace_id": refusal.TraceID}
}

// body is a preparation of a method that takes options filled from the request document.
func body[Options, Result any](
	method func(*cos.CIService, context.Context, *Options) (*Result, *cos.Response, error),
) func(*Message, *Filling) Sending {
	return func(message *Message, filling *Filling) Sending {
		options := new(Options)
		filling.nodes(options, message.Arguments.Body)
		return with(method, options)
	}
}

// query is one of a method that takes options filled from the query.
func query[Options, Result any](
	method func(*cos.CIService, context.Context, *Options) (*Result, *cos.Response, error),
) func(*Message, *Filling) Sending {
	return func(message *Message, filling *Filling) Sending {
		options := new(Options)
		filling.parameters(options, message.Arguments.Query)
		return with(method, options)
	}
}

// named is one of a method that takes the ID in the path.
func named[Result any](
	method func(*cos.CIService, context.Context, string) (*Result, *cos.Response, error), place string,
) func(*Message, *Filling) Sending {
	return func(message *Message, _ *Filling) Sending {
		return with(method, message.Arguments.Path[place])
	}
}

// cancelled is one of a method that takes the ID in the path and has no result.
func cancelled(
	method func(*cos.CIService, context.Context, string) (*cos.Response, error),
) func(*Message, *Filling) Sending {
	return func(message *Message, _ *Filling) Sending {
		return func(ctx context.Context, client *cos.Client) (any, *cos.Response, error) {
			response, err := method(client.CI, ctx, message.Arguments.Path["jobId"])
			return nil, response, err
		}
	}
}

func with[Argument, Result any](
	method func(*cos.CIService, context.Context, Argument) (*Result, *cos.Response, error), argument Argument,
) Sending {
	return func(ctx context.Context, client *cos.Client) (any, *cos.Response, error) {
		return method(client.CI, ctx, argument)
	}
}

// mediaSubmission takes the method for one operation or the one for several, as its user would.
func mediaSubmission(message *Message, filling *Filling) Sending {
	if _, several := message.Arguments.Body["Operation"].([]any); several {
		return body((*cos.CIService).CreateMultiMediaJobs)(message, filling)
	}
	return body((*cos.CIService).CreateMediaJobs)(message, filling)
}

// mediaJobs takes the method for one job or the one for several, as its user would.
func mediaJobs(message *Message, filling *Filling) Sending {
	if identifiers := strings.Split(message.Arguments.Path["jobId"], ","); len(identifiers) > 1 {
		return with((*cos.CIService).DescribeMultiMediaJob, identifiers)
	}
	return named((*cos.CIService).DescribeMediaJob, "jobId")(message, filling)
}

func queueUpdate(message *Message, filling *Filling) Sending {
	options := &cos.UpdateMediaProcessQueueOptions{QueueID: message.Arguments.Path["queueId"]}
	filling.nodes(options, message.Arguments.Body)
	return with((*cos.CIService).UpdateMediaProcessQueue, options)
}

func templateUpdate(message *Message, filling *Filling) Sending {
	options := &cos.CreateMediaAnimationTemplateOptions{}
	filling.nodes(options, message.Arguments.Body)
	return func(ctx context.Context, client *cos.Client) (any, *cos.Response, error) {
		return client.CI.UpdateMediaAnimationTemplate(ctx, options, message.Arguments.Path["templateId"])
	}
}

func fileHash(message *Message, filling *Filling) Sending {
	options := &cos.GetFileHashOptions{CIProcess: "filehash"}
	filling.parameters(options, message.Arguments.Query)
	return func(ctx context.Context, client *cos.Client) (any, *cos.Response, error) {
		return client.CI.GetFileHash(ctx, message.Arguments.Path["Object"], options)
	}
}

var operations = map[string]func(*Message, *Filling) Sending{
	"file-jobs.submit":  body((*cos.CIService).CreateFileProcessJob),
	"file-jobs.query":   named((*cos.CIService).DescribeFileProcessJob, "jobId"),
	"jobs.submit":       mediaSubmission,
	"jobs.query":        mediaJobs,
	"jobs.list":         query((*cos.CIService).DescribeMediaJobs),
	"jobs.cancel":       cancelled((*cos.CIService).CancelJob),
	"batch-jobs.submit": body((*cos.CIService).CreateInventoryTriggerJob),
	"batch-jobs.query":  named((*cos.CIService).DescribeInventoryTriggerJob, "jobId"),
	"batch-jobs.list":   query((*cos.CIService).DescribeInventoryTriggerJobs),
	"batch-jobs.cancel": cancelled((*cos.CIService).CancelInventoryTriggerJob),
	"doc-jobs.submit":   body((*cos.CIService).CreateDocProcessJobs),
	"doc-jobs.query":    named((*cos.CIService).DescribeDocProcessJob, "jobId"),
	"doc-jobs.list":     query((*cos.CIService).DescribeDocProcessJobs),
	"queues.list":       query((*cos.CIService).DescribeMediaProcessQueues),
	"queues.update":     queueUpdate,
	"templates.create":  body((*cos.CIService).CreateMediaAnimationTemplate),
	"templates.update":  templateUpdate,
	"workflows.trigger": query((*cos.CIService).TriggerWorkflow),
	"objects.file-hash": fileHash,
}
