// An adapter of protocol version 1 that calls the official Go SDK, cos-go-sdk-v5: the protocol here, the operations in
// calls.go, arguments and results in fields.go. Nothing of the SDK is changed; its clock is the machine's.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"

	cos "github.com/tencentyun/cos-go-sdk-v5"
)

type object = map[string]any

// Message is a request of the kit; what belongs to other commands than `call` is not read.
type Message struct {
	ID        int    `json:"id"`
	Command   string `json:"command"`
	Operation string `json:"operation"`
	Arguments struct {
		Path  map[string]string `json:"path"`
		Query [][]*string       `json:"query"`
		Body  object            `json:"body"`
	} `json:"arguments"`
	Endpoint struct {
		Scheme, Bucket, Region, Connect string
	} `json:"endpoint"`
	Credentials struct {
		SecretID  string `json:"secret_id"`
		SecretKey string `json:"secret_key"`
		Token     string `json:"token"`
	} `json:"credentials"`
}

func answer(message *Message) object {
	switch message.Command {
	case "hello":
		return object{
			"protocol": 1, "name": "cos-go-sdk-v5", "version": cos.Version, "language": runtime.Version(),
			"commands": []string{"call"}, "chooses": []string{"headers", "times"},
			// An empty text is what a field has that nothing was read into.
			"reads": object{"empty": "dropped"}}
	case "call":
		return call(message)
	}
	return object{"skipped": "no command '" + message.Command + "'"}
}

func main() {
	input, output := bufio.NewReaderSize(os.Stdin, 1<<20), json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var message Message
		reply := object{}
		if fault := json.Unmarshal(line, &message); fault != nil {
			reply["error"] = fault.Error()
		} else {
			reply = answer(&message)
		}
		reply["id"] = message.ID
		if output.Encode(reply) != nil {
			return
		}
	}
}
