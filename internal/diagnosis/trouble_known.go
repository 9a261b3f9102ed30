package diagnosis

import "regexp"

// troubles are the lines of a log that name a cause. The first that matches a
// line counts. {1} in a sentence or hint is what the expression's group has. What
// the expression matches has one of the words, in lower case, in it: nearly all
// lines of a log have none, and are looked at no further.
var troubles = []struct {
	words    []string
	line     *regexp.Regexp
	code     Code
	sentence string
	hints    []string
}{
	{[]string{"imageuri not provided for function"}, regexp.MustCompile(`^samcli\.\S+: ImageUri not provided for Function: (\S+)`), ImageNotBuilt,
		"the image of the function {1} is not built: it is of PackageType Image, and has no ImageUri",
		[]string{"build the image, and start SAM local again on the build (as without --template):\nsam build"}},
	{[]string{"unsupported lambda runtime: ", " is not supported on '"}, regexp.MustCompile(`^samcli\.\S+: (?:Unsupported Lambda runtime: (\S+?)\.? For a list|Runtime (\S+ is not supported on '\S+' architecture))`), ContainerFailed,
		"this SAM CLI does not run functions of this runtime: {1}",
		[]string{"change Runtime or Architectures in the function's Properties, and start SAM local again; for a runtime that is new, update SAM CLI"}},
	{[]string{"templatefailedparsingexception: ", "templatenotfoundexception: "}, regexp.MustCompile(`^samcli\.\S+\.Template(?:FailedParsing|NotFound)Exception: (.+)`), ContainerFailed,
		"SAM local reads the template again, with warm containers at each change, and cannot: {1}",
		[]string{"mend the template, and send the request again:\ncorsproxy check"}},
	{[]string{"/layers/arn", ":layer:", "layers require credentials", "lambda:getlayerversion", " getlayerversion operation: "}, regexp.MustCompile(`^(?:samcli|botocore)\.\S+: (Could not connect to the endpoint URL: \S+/layers/arn.*|arn:\S+:layer:\S+ was not found.*|Layers require credentials .*|.* lambda:Getlayerversion .*|.* when calling the GetLayerVersion operation: .*)`), ContainerFailed,
		"a layer of the function cannot be had from AWS: {1}",
		[]string{"check the ARN in Layers, and the network, region and credentials that SAM local has; or have the layer in the template, as AWS::Serverless::LayerVersion whose ContentUri is a folder"}},
	{[]string{"manifest unknown", "manifest for ", "pull access denied", "repository does not exist", ": not found"}, regexp.MustCompile(`(?:Error building docker image|Docker build failed with errors): (.*(?:manifest unknown|manifest for |pull access denied|repository does not exist|\S:\S+: not found).*)`), ImageNotBuilt,
		"the image of the function cannot be built, and the registry does not give its base image: {1}",
		[]string{"where it is the function's own image (PackageType: Image), build it:\nsam build", "otherwise check the name of the base image"}},
	// On a terminal the traceback is broken into lines, and has lines of source.
	{[]string{"error building docker image: ", "docker build failed with errors: "}, regexp.MustCompile(`(?:Error building docker image|Docker build failed with errors): ([^{].*)`), ImageNotBuilt,
		"the image of the function cannot be built: {1}",
		[]string{"check whether the registry of the base image can be reached", "with the base image here already, have the registry not asked, by an option of sam local start-api:\n--skip-pull-image", "where it is the function's own image (PackageType: Image), build it:\nsam build"}},
	{[]string{"image locally and failed to pull it"}, regexp.MustCompile(`Could not find (\S+) image locally and failed to pull it`), ImageNotPulled,
		"the image {1} is not on this machine and cannot be pulled",
		[]string{"try it by hand:\ndocker pull {1}"}},
	{[]string{"dockerdistributionapierror"}, regexp.MustCompile(`DockerDistributionAPIError: .*/distribution/(\S+)/json\b`), ImageNotPulled,
		"the registry of the image {1} cannot be asked, as without a network",
		[]string{"with the image here already, have the registry not asked, by an option of sam local start-api:\n--skip-pull-image", "try it by hand:\ndocker pull {1}"}},
	{[]string{"requires a container runtime", "docker daemon", "fetching server api version", "connection aborted", "max retries exceeded with url: /v"}, regexp.MustCompile(`requires a container runtime|Cannot connect to the Docker daemon|Is the docker daemon running|docker daemon is not running|Error while fetching server API version|ConnectionError: \('Connection aborted\.', (?:ConnectionRefusedError|FileNotFoundError|PermissionError)\(|Max retries exceeded with url: /v\d\.\d+/(?:containers|images|info|networks|version)\b`), EngineNotRunning,
		"no container engine answers: Docker is not running, or this user may not use it",
		[]string{"start Docker, and check:\ndocker info"}},
	{[]string{"runtime."}, regexp.MustCompile(`Runtime\.(?:ImportModuleError|HandlerNotFound|UserCodeSyntaxError|MalformedHandlerName|InvalidEntrypoint|InvalidHandler|NoHandler)"?[:,]?\s*(?:"?errorMessage"?:\s*)?"?(?:Error: )?([^"\\]*)`), HandlerNotLoaded,
		"the function's handler cannot be loaded: {1}", nil}, // the hints are unloadedHints
	{[]string{"response must be valid json"}, regexp.MustCompile(`Invalid lambda response received: (Lambda response must be valid json)`), BadResponse,
		"the function's runtime did not start, or the function gave back no JSON: {1}",
		[]string{startHint, "if the function ran, have it give back:\n{\"statusCode\": 200, \"headers\": {}, \"body\": \"a string\"}"}},
	{[]string{"invalid lambda response received: "}, regexp.MustCompile(`Invalid lambda response received: (.+)`), BadResponse,
		"the function's response is not what API Gateway takes: {1}",
		[]string{"have the function give back:\n{\"statusCode\": 200, \"headers\": {}, \"body\": \"a string\"}"}},
	{[]string{"unicodedecodeerror"}, regexp.MustCompile(`UnicodeDecodeError while processing HTTP request: (.+)`), BodyNotText,
		"SAM local took the request's body for text, and it is none: {1}",
		[]string{"send the body with its Content-Type, and add that to BinaryMediaTypes in the REST API's Properties, such as:\nBinaryMediaTypes: [application~1octet-stream]", orHTTP}},
	{[]string{"'latin-1' codec can't encode character"}, regexp.MustCompile(`^UnicodeEncodeError: 'latin-1' codec can't encode character`), HeaderNotLatin1,
		"the function's response has a header field with a character beyond Latin-1, which SAM local cannot send",
		[]string{"have the function send the field in ASCII, such as percent-encoded (encodeURIComponent, urllib.parse.quote)"}},
	{[]string{"eaddrinuse", "port ", "address already in use"}, regexp.MustCompile(`EADDRINUSE.*?:(\d+)\b|(?i:port) (\d+) is (?:already )?(?:in use|unavailable|allocated)|(?i:address already in use)`), PortInUse,
		"another program listens on its port {1} already",
		[]string{"end the other program, often an earlier start of the same one, or give the command another port"}},
	{[]string{"timed out after "}, regexp.MustCompile(`Function '(.+?)' timed out after (\d+) seconds`), FunctionTimedOut,
		"the function {1} was ended after {2} seconds, its Timeout",
		[]string{"raise Timeout in the function's Properties, and start SAM local again, or look at what it waits for; from a container, 127.0.0.1 is the container itself"}},
	{[]string{"no space left on device"}, regexp.MustCompile(`(?i)no space left on device`), DiskFull,
		"the disk is full",
		[]string{"make room:\ndocker system prune"}},
}
