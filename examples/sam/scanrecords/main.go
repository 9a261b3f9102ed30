// Command scanrecords is a Lambda function behind POST /scanRecords. It answers
// with a few records and, under "request", with what it was asked.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type record struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type request struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

type answer struct {
	Records []record `json:"records"`
	Request request  `json:"request"`
}

func scanRecords(_ context.Context, r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	body, err := json.Marshal(answer{
		Records: []record{{ID: "1", Name: "first"}, {ID: "2", Name: "second"}},
		Request: request{Method: r.HTTPMethod, Path: r.Path, Headers: r.Headers, Body: r.Body},
	})
	if err != nil {
		return events.APIGatewayProxyResponse{}, fmt.Errorf("encode the answer: %w", err)
	}
	return events.APIGatewayProxyResponse{
		StatusCode: http.StatusOK,
		Headers: map[string]string{
			"Content-Type": "application/json",
			// The preflight is half of CORS. The function itself must allow the
			// origin too, here and when deployed.
			"Access-Control-Allow-Origin": "*",
		},
		Body: string(body),
	}, nil
}

func main() {
	lambda.Start(scanRecords)
}
