package childlog_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

const (
	noNext = "[ERROR] [1795900563622] LAMBDA_RUNTIME Failed to get next invocation. No Response from endpoint\n" +
		"Traceback (most recent call last):\n" +
		"  File \"/var/runtime/awslambdaric/bootstrap.py\", line 542, in run\n" +
		"    event_request = lambda_runtime_client.wait_next_invocation()\n"
	invalid  = "Invalid lambda response received: "
	exited   = "28 Nov 2026 21:15:58,177 [ERROR] (rapid) Invoke failed error=Runtime exited with error: exit status 3 InvokeID=7b1f\n28 Nov 2026 21:15:58,177 [ERROR] (rapid) Invoke DONE failed: Runtime.ExitError\n"
	unloaded = "28 Nov 2026 21:16:49,904 [ERROR] (rapid) Init failed InvokeID= error=Runtime exited with error: exit status 1\n" +
		"28 Nov 2026 21:16:49,904 [ERROR] (rapid) Invoke failed error=Runtime exited with error: exit status 1 InvokeID=9cdf\n" +
		"28 Nov 2026 21:16:49,904 [ERROR] (rapid) Invoke DONE failed: Sandbox.Failure\n"
	refusal  = "Lambda authorizer failed to invoke successfully: "
	samTrace = "Exception on /hello [GET]\nTraceback (most recent call last):\n  File \"samcli/local/apigw/local_apigw_service.py\", line 743, in _request_handler\n"
	inSAM    = "Exception on /items [GET]\nTraceback (most recent call last):\n" +
		"  File \"samcli/local/apigw/local_apigw_service.py\", line 727, in _request_handler\n" +
		"    LOG.error(\"Lambda authorizer failed to invoke successfully: %s\", str(lambda_authorizer_exception))\n" +
		"samcli.local.apigw.exceptions.LambdaResponseParseException\n"
)

// TestCause reads what SAM local and the runtimes of Lambda print about a failed
// request.
func TestCause(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status   int
		log      string
		code     diagnosis.Code
		sentence string
	}{
		"Python": {502, "[ERROR] KeyError: 'DB_URL'\rTraceback (most recent call last):\r  File \"/var/task/app.py\", line 6, in crash\r    raise KeyError('DB_URL')\nEND RequestId: 1ed3\n" + noNext + "RuntimeError: Failed to get next\nLambda returned empty body!\n" +
			invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage', 'stackTrace', 'requestId'} in {'errorMessage': "'DB_URL'", 'errorType': 'KeyError', 'requestId': 'b897', 'stackTrace': []}`,
			"CP4003", "the function raised KeyError: 'DB_URL'"},
		"Python, HTTP API, format 1.0": {502, invalid + `Invalid API Gateway Response Key: statusCode is not in {'errorMessage': 'it\'s "so"\n{', 'errorType': 'ValueError', 'requestId': '', 'stackTrace': ['{\'errorType\': 1}']}`,
			"CP4003", `the function raised ValueError: it's "so"\n{`},
		"Python, of which the end is missing": {502, invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage'} in {'errorMessage': 'far too lo`,
			"CP4003", "the function raised an error: far too lo"},
		"no JSON":          {502, invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage', 'requestId', 'stackTrace'} in {'errorMessage': 'Unable to marshal response: datetime', 'errorType': 'Runtime.MarshalError', 'requestId': 'b', 'stackTrace': []}`, "CP4003", "the function raised Runtime.MarshalError: Unable to marshal response: datetime"},
		"no Python module": {502, invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage', 'requestId', 'stackTrace'} in {'errorMessage': "Unable to import module 'ap'", 'errorType': 'Runtime.ImportModuleError', 'requestId': '', 'stackTrace': []}`, "CP2213", "the function's handler cannot be loaded: Unable to import module 'ap'"},
		"an event that is too large": {502, "[ERROR] Runtime.UnmarshalError: Unable to unmarshal input: Unterminated string starting at: line 1 column 10 (char 9)\nTraceback (most recent call last):\nEND RequestId: 061f\nLambda returned empty body!\n" +
			invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage'} in {'errorMessage': 'Unable to unmarshal input: Unterminated string', 'errorType': 'Runtime.UnmarshalError', 'requestId': '0'}`,
			"CP4011", "the request is larger than the 6 MB that Lambda takes"},
		"a response that is too large": {500, `[ERROR] [1795943266915] LAMBDA_RUNTIME Failed to post handler success response. Http response code: 413. {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}` + "\n\nTraceback (most recent call last):\n  File \"/var/runtime/ric/awslambdaric/__main__.py\", line 35, in <module>\nRuntimeError: failed\n" + exited,
			"CP4011", "the function's response is larger than the 6 MB that Lambda takes"},
		"a nested error":    {502, invalid + `Invalid API Gateway Response Keys: {'result'} in {'statusCode': 200, 'result': {'errorMessage': 'x', 'errorType': 'y'}}`, "CP2214", "the function's response is not what API Gateway takes: "},
		"errors dealt with": {502, "[ERROR] KeyError: 'a'\n" + invalid + "statusCode must be a positive int", "CP2214", "the function's response is not what API Gateway takes: statusCode must be"},
		"Node.js":           {500, "2026-11-28T21:15:00.000Z\tb897\tERROR\tInvoke Error \t" + `{"errorType":"TypeError","errorMessage":"Cannot read properties of null","stack":[]}`, "CP4003", "the function raised TypeError: Cannot read"},
		"Java":              {500, `{"errorMessage":"boom","errorType":"java.lang.RuntimeException","stackTrace":["app.App.handleRequest(App.java:9)"]}`, "CP4003", "the function raised java.lang.RuntimeException: boom"},
		"Ruby":              {500, `{"errorMessage":"boom","errorType":"Function<RuntimeError>","stackTrace":[]}`, "CP4003", "the function raised RuntimeError: boom"},
		"Ruby, not loaded":  {500, `{"errorMessage":"cannot load such file -- app","errorType":"Init<LoadError>","stackTrace":[]}`, "CP2213", "the function's handler cannot be loaded: cannot load such file -- app"},
		".NET, not loaded":  {500, `{"errorType":"LambdaValidationException","errorMessage":"Unable to load type 'A'"}`, "CP2213", "the function's handler cannot be loaded: Unable to load type 'A'"},
		"Java, not loaded":  {500, `{"errorMessage":"Class not found: app.App","errorType":"java.lang.ClassNotFoundException"}`, "CP2213", "the function's handler cannot be loaded: Class not found: app.App"},

		"exited":             {500, exited, "CP2219", "the function's runtime ended before the function had answered (exit status 3)"},
		"killed":             {500, "[ERROR] KeyError: 'dealt with'\n" + strings.Replace(exited, "exit status 3", "signal: killed", 1), "CP2219", "the function was killed (signal: killed), most often because it needs more memory"},
		"exited at load":     {502, "config missing\n" + unloaded + invalid + "Lambda response must be valid json", "CP2219", "the function's runtime ended while it loaded the function (exit status 1)"},
		"raised at load":     {502, "[ERROR] RuntimeError: no DB_URL\nTraceback (most recent call last):\n  File \"app.py\"\n" + unloaded + invalid + `Invalid API Gateway Response Keys: {'errorMessage', 'errorType', 'requestId', 'stackTrace'} in {'errorMessage': 'no DB_URL', 'errorType': 'RuntimeError', 'requestId': '', 'stackTrace': []}`, "CP4003", "the function raised RuntimeError: no DB_URL"},
		"raised, and exited": {502, `{"errorType":"SyntaxError","errorMessage":"Unexpected end of input"}` + "\n" + unloaded + invalid + "Lambda response must be valid json", "CP4003", "the function raised SyntaxError: Unexpected end of input, and the function's runtime ended while it loaded the function (exit status 1)"},
		"not there":          {502, "28 Nov 2026 21:36:24,691 [ERROR] (rapid) Init failed error=fork/exec /var/task/bootstrap: no such file or directory InvokeID=\n28 Nov 2026 21:36:24,692 [ERROR] (rapid) Invoke DONE failed: Runtime.InvalidEntrypoint\n" + invalid + "Lambda response must be valid json", "CP2219", "the function's runtime could not be started: fork/exec /var/task/bootstrap: no such file or directory"},
		"no word of it":      {502, "\n" + invalid + "Lambda response must be valid json", "CP2214", "the function's runtime did not start, or the function gave back no JSON: "},
		"timed out":          {502, "Function 'Slow' timed out after 5 seconds\n28 Nov 2026 21:15:56,843 [ERROR] (rapid) Invoke failed InvokeID=1ed3 error=errResetReceived\n" + invalid + "Lambda response must be valid json", "CP2217", "the function Slow was ended after 5 seconds"},
		"body not text":      {502, "UnicodeDecodeError while processing HTTP request: 'utf-8' codec can't decode byte 0xff", "CP2215", "SAM local took the request's body for text"},
		"raised, of a body": {502, "[ERROR] UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff\rTraceback (most recent call last):\r  File \"/var/task/app.py\", line 6, in read\nEND RequestId: 1\n" +
			invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage'} in {'errorMessage': 'it is', 'errorType': 'UnicodeDecodeError'}`,
			"CP4003", "the function raised UnicodeDecodeError: it is"},
		"raised, in an engine's words": {502, "Cannot connect to the Docker daemon\n[ERROR] RuntimeError: Cannot connect to the Docker daemon\n" +
			invalid + `Invalid API Gateway Response Keys: {'errorType', 'errorMessage'} in {'errorMessage': 'Cannot connect to the Docker daemon', 'errorType': 'RuntimeError'}`,
			"CP4003", "the function raised RuntimeError: Cannot connect"},
		"raised by a server of its own": {500, "Error: listen EADDRINUSE: address already in use 127.0.0.1:9001\n" +
			`{"errorType":"Error","errorMessage":"listen EADDRINUSE: address already in use 127.0.0.1:9001"}`,
			"CP4003", "the function raised Error: listen EADDRINUSE"},
		"printed, in a disk's words": {500, "Traceback (most recent call last):\n  File \"/var/task/app.py\", line 6, in read\nOSError: [Errno 28] No space left on device\n",
			"CP4003", "a traceback that ends in OSError: [Errno 28] No space left on device"},
		"disk full": {502, "Traceback (most recent call last):\n  File \"/usr/lib/samcli/local/docker/container.py\", line 6, in create\nOSError: [Errno 28] No space left on device\n",
			"CP2218", "the disk is full"},
		"an end beside": {502, "Traceback (most recent call last):\n  File \"/var/task/app.py\", line 6, in read\nValueError: no stockEND RequestId: 32c0\n" + noNext + "RuntimeError: Failed to get next\n" + noNext + "Invoking app.handler (python3.11)\n",
			"CP4004", "a traceback that ends in ValueError: no stock"},
		"image without a build": {502, samTrace + "samcli.commands.local.lib.exceptions.InvalidIntermediateImageError: ImageUri not provided for Function: HelloFn of PackageType: Image\n",
			"CP2210", "the image of the function HelloFn is not built"},
		"image that no registry has": {502, "Building image......Docker build error: manifest unknown\n\nDocker build failed with errors: manifest unknown\n" + samTrace + "samcli.commands.local.cli_common.user_exceptions.ImageBuildException: Error building docker image: manifest unknown\n",
			"CP2210", "the image of the function cannot be built, and the registry does not give its base image: manifest unknown"},
		"image whose tag no registry has": {502, "Docker build failed with errors: docker.io/library/shop:v1: not found\n", "CP2210", "the image of the function cannot be built, and the registry does not give its base image: docker.io"},
		"image without a program":         {502, "Docker build failed with errors: /bin/sh: 1: chmod: not found\n", "CP2210", "the image of the function cannot be built: /bin/sh"},
		"runtime of old": {502, samTrace + "samcli.local.docker.exceptions.InvalidRuntimeException: Unsupported Lambda runtime: nodejs12.x. For a list of supported runtimes, please visit https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html\n",
			"CP4009", "this SAM CLI does not run functions of this runtime: nodejs12.x"},
		"runtime of another architecture": {502, samTrace + "samcli.commands.local.lib.exceptions.UnsupportedRuntimeArchitectureError: Runtime python3.7 is not supported on 'arm64' architecture\n",
			"CP4009", "this SAM CLI does not run functions of this runtime: python3.7 is not supported on 'arm64' architecture"},
		"a template in mid-edit": {502, samTrace + "samcli.commands._utils.template.TemplateFailedParsingException: Failed to parse template: while parsing a block mapping\n",
			"CP4009", "SAM local reads the template again, with warm containers at each change, and cannot: Failed to parse template"},
		"layer out of reach": {502, samTrace + "botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: \"https://lambda.us-east-1.amazonaws.com/2018-10-31/layers/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Alayer%3Aa/versions/1\"\n",
			"CP4009", "a layer of the function cannot be had from AWS: Could not connect"},
		"layer without credentials": {502, samTrace + "samcli.commands.local.cli_common.user_exceptions.CredentialsRequired: Layers require credentials to download the layers locally.\n",
			"CP4009", "a layer of the function cannot be had from AWS: Layers require credentials"},
		"layer with others' credentials": {502, samTrace + "botocore.exceptions.ClientError: An error occurred (UnrecognizedClientException) when calling the GetLayerVersion operation: The security token included in the request is invalid\n",
			"CP4009", "a layer of the function cannot be had from AWS: An error occurred (Unrec"},
		"layer that is not there": {502, samTrace + "samcli.commands.local.cli_common.user_exceptions.ResourceNotFound: arn:aws:lambda:us-east-1:1:layer:a:1 was not found.\n",
			"CP4009", "a layer of the function cannot be had from AWS: arn:aws:lambda:us-east-1:1:layer:a:1 was not found."},
		"layer of a function's own": {502, "Traceback (most recent call last):\n  File \"/var/task/app.py\", line 6, in read\nbotocore.exceptions.ClientError: An error occurred (X) when calling the GetLayerVersion operation: no\n",
			"CP4004", "a traceback that ends in botocore.exceptions.ClientError"},
		"engine gone": {502, "Traceback (most recent call last):\n  File \"docker/api/client.py\", line 2\nrequests.exceptions.ConnectionError: ('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))\n",
			"CP2212", "no container engine answers"},
		"engine gone, on a port": {502, "Traceback (most recent call last):\n  File \"docker/api/client.py\", line 2\nrequests.exceptions.ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=24010): Max retries exceeded with url: /v1.35/images/json\n",
			"CP2212", "no container engine answers"},
		"within a line": {502, noNext + "                    ^^^^^^^^^^" + invalid + "Lambda returned <class 'NoneType'> instead of dict\n", "CP2214", "the function's response is not what API Gateway takes: Lambda returned <class"},

		"authorizer, no policy":      {502, refusal + "Authorizer 'Tok' contains an invalid or missing 'policyDocument' from response", "CP4010", "the Lambda authorizer Tok gave back what SAM local does not take: Authorizer 'Tok' contains"},
		"authorizer, not simple":     {502, refusal + "Authorizer Tok is missing or contains an invalid isAuthorized", "CP4010", "the Lambda authorizer Tok gave back"},
		"authorizer, unauthorized":   {502, `x	ERROR	Invoke Error 	{"errorType":"Error","errorMessage":"Unauthorized","stack":[]}` + "\n" + refusal + "\n" + inSAM, "CP4010", `the Lambda authorizer raised "Unauthorized", which a REST API answers with 401 when deployed, and an HTTP API with 500; SAM local makes 502 of it`},
		"authorizer, Python":         {502, "[ERROR] Exception: Unauthorized\nTraceback (most recent call last):\n  File \"app.py\"\nEND RequestId: 1\n" + refusal + "Authorizer 'Tok' contains an invalid or missing 'principalId' from response", "CP4010", `the Lambda authorizer Tok raised "Unauthorized", which`},
		"authorizer, other error":    {502, "[ERROR] KeyError: 'kid'\n" + refusal + "Authorizer 'Tok' contains an invalid or missing 'principalId' from response", "CP4010", "the Lambda authorizer Tok raised KeyError: 'kid'"},
		"authorizer, nothing":        {502, refusal + "'NoneType' object has no attribute 'get'\n" + strings.Replace(inSAM, "samcli.local.apigw.exceptions.LambdaResponseParseException", "AttributeError: 'NoneType' object has no attribute 'get'", 1), "CP4010", "the Lambda authorizer gave nothing back"},
		"authorizer, exited":         {502, exited + refusal + "\n" + inSAM, "CP4010", "the Lambda authorizer's runtime ended before the function had answered (exit status 3)"},
		"authorizer, not loaded":     {502, "[ERROR] Runtime.ImportModuleError: Unable to import module 'a'\n" + refusal + "Authorizer 'Tok' contains an invalid or missing 'principalId' from response", "CP2213", "the Lambda authorizer Tok failed: the function's handler cannot be loaded: Unable to import module 'a'"},
		"authorizer, no word of it":  {502, refusal + "\n" + inSAM, "CP4010", "the Lambda authorizer ended with an error"},
		"authorizer, denied":         {502, refusal + "Request is not authorized for arn:aws:execute-api:us-east-1:1:a/Prod/GET/items\n" + invalid + "statusCode must be a positive int", "CP2214", "the function's response is not"},
		"authorizer, not a function": {500, refusal + "Unable to find a Function with name 'x'\n[ERROR] KeyError: 'a'\n", "CP4003", "the function raised KeyError: 'a'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &childlog.Log{}
			begin := time.Now()
			_, _ = io.WriteString(l, tt.log)
			l.End()
			f, _ := l.Since(begin)
			if f.Trouble == nil {
				t.Fatal("nothing is known")
			}
			d := f.Trouble.Explain(failed(tt.status), true)
			if _, sentence, _ := strings.Cut(d.Detail, ": "); d.Code != tt.code || !strings.HasPrefix(sentence, tt.sentence) {
				t.Errorf("%s: %s\nwant %s: … %s", d.Code, d.Detail, tt.code, tt.sentence)
			}
			for _, width := range []int{60, 80, 100, 120, 160, 250} {
				l := &childlog.Log{}
				_, _ = io.WriteString(l, inTerminal(tt.log, width))
				f, _ := l.Since(begin)
				if f.Trouble == nil {
					t.Errorf("in a terminal of %d columns nothing is known", width)
				} else if narrow := f.Trouble.Explain(failed(tt.status), true); narrow.Code != d.Code || narrow.Detail != d.Detail {
					t.Errorf("in a terminal of %d columns: %s: %s\nwant %s: %s", width, narrow.Code, narrow.Detail, d.Code, d.Detail)
				}
			}
			if len(d.Hints) == 0 || strings.Contains(tt.log, "[ERROR] K") && strings.Contains(strings.Join(d.Hints, " "), "statusCode") && tt.code != "CP2214" {
				t.Errorf("the hints are %q", d.Hints)
			}
		})
	}
}

// ofContainer is a line that SAM CLI hands on as it is.
var ofContainer = regexp.MustCompile(`^\[|^\{|\(rapid\)|RequestId|[\t\r]`)

// inTerminal returns a log as SAM CLI writes it in a terminal of a width: its own
// lines are broken between words, and filled up with blanks.
func inTerminal(log string, width int) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(log, "\n"), "\n") {
		if ofContainer.MatchString(line) {
			b.WriteString(line + "\r\n")
			continue
		}
		row := ""
		end := func() {
			fmt.Fprintf(&b, "%-*s\r\n", width, strings.TrimRight(row, " "))
			row = ""
		}
		for _, word := range strings.SplitAfter(line, " ") {
			if row != "" && len(row)+len(strings.TrimRight(word, " ")) > width {
				end()
			}
			for len(strings.TrimRight(word, " ")) > width {
				row, word = word[:width], word[width:]
				end()
			}
			row += word
		}
		end()
	}
	return b.String()
}

// failed is what is known of an answer of SAM local's without its log.
func failed(status int) diagnosis.Diagnosis {
	code := diagnosis.BadFunctionResponse
	if status == http.StatusInternalServerError {
		code = diagnosis.FunctionFailed
	}
	return diagnosis.Diagnosis{Code: code, Status: status, Detail: "SAM local answered GET /items: it failed"}
}
