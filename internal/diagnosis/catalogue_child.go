package diagnosis

// CP22xx: the upstream is a child of corsproxy, and is not ready, has ended, or
// says in its log what went wrong.
const (
	ChildNotReady    Code = "CP2201"
	ChildEnded       Code = "CP2202"
	ChildNowhere     Code = "CP2203"
	ImageNotBuilt    Code = "CP2210"
	ImageNotPulled   Code = "CP2211"
	EngineNotRunning Code = "CP2212"
	HandlerNotLoaded Code = "CP2213"
	BadResponse      Code = "CP2214"
	BodyNotText      Code = "CP2215"
	PortInUse        Code = "CP2216"
	FunctionTimedOut Code = "CP2217"
	DiskFull         Code = "CP2218"
	RuntimeEnded     Code = "CP2219"
	HeaderNotLatin1  Code = "CP2220"
)

var childCodes = []Info{{
	Code:     ChildNotReady,
	Name:     "child-not-ready",
	Severity: SeverityError,
	Status:   503,
	Title:    "The upstream that corsproxy started is not ready yet",
	Text:     "The request waited for the command behind -- to take connections, for as long as child.ready_timeout says. What listened on its port before it was started is another program, and gets no request. SAM local needs 5 to 15 seconds, and counts as ready when it has printed its Mounting lines and takes connections. Preflights do not wait: corsproxy answers them itself.",
	Fix:      "Look at the command's output, which stands in the same terminal; send the request again; or raise child.ready_timeout.",
	Since:    "0.2.0",
}, {
	Code:     ChildEnded,
	Name:     "child-ended",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream that corsproxy started has ended",
	Text:     "The command behind -- ended by itself. corsproxy ends too, with its exit code.",
	Fix:      "Read the last lines of its output, and start corsproxy again.",
	Since:    "0.2.0",
}, {
	Code:     ChildNowhere,
	Name:     "child-address-unknown",
	Severity: SeverityError,
	Status:   503,
	Title:    "It is not known where the upstream listens",
	Text: "The command behind -- runs, and neither its arguments nor its output have named an address of this machine on which it listens. Where the command is a script that starts SAM local, the output names it once SAM local serves, after 5 to 15 seconds, and later where images are built: nothing is wrong until then. " +
		"corsproxy goes to another machine only if --upstream names it.",
	Fix:   "Where the output never names the address, name it, as in: corsproxy --upstream 3000 -- COMMAND. SAM local's port is 3000, unless its arguments or samconfig.toml have another.",
	Since: "0.2.0",
}, {
	Code:     ImageNotBuilt,
	Name:     "image-not-built",
	Severity: SeverityError,
	Status:   502,
	Title:    "The image of the function cannot be built",
	Text:     "SAM local runs a function in an image that it builds from a base image, and the build failed, or there is no base image: that of a function of PackageType Image is what sam build makes. Its log names the reason.",
	Fix:      "Where the function is of PackageType Image, run sam build, and start SAM local again. Otherwise check whether the registry of the base image can be reached: docker pull public.ecr.aws/lambda/python:3.13. With the image here already, start sam local start-api with --skip-pull-image.",
	Since:    "0.2.0",
}, {
	Code:     ImageNotPulled,
	Name:     "image-not-pulled",
	Severity: SeverityError,
	Status:   502,
	Title:    "The image of the function cannot be pulled",
	Text:     "SAM local found the image neither on this machine nor in its registry, or could not ask the registry, which it does even where the image is here.",
	Fix:      "Check whether the registry can be reached, and the name of the image. With the image here already, start sam local start-api with --skip-pull-image.",
	Since:    "0.2.0",
}, {
	Code:     EngineNotRunning,
	Name:     "container-engine-not-running",
	Severity: SeverityError,
	Status:   502,
	Title:    "No container engine answers",
	Text:     "SAM local runs functions in containers, and neither Docker nor Finch answered it.",
	Fix:      "Start Docker, and check with docker info whether this user may use it. An engine elsewhere is named by DOCKER_HOST.",
	Since:    "0.2.0",
}, {
	Code:     HandlerNotLoaded,
	Name:     "handler-not-loaded",
	Severity: SeverityError,
	Status:   502,
	Title:    "The function's handler cannot be loaded",
	Text:     "The Lambda runtime started and found no handler to call: its module cannot be imported, imports what is not there, or has no such function.",
	Fix:      "Where the handler's own module or function is missing, compare Handler and CodeUri in the template with the files. Where another module is, name its package in requirements.txt or package.json in CodeUri. Run sam build, which installs packages and compiles code, and start SAM local again: it runs the build, .aws-sam/build, unless its --template names another template. After that, run sam build after each change of the code.",
	Since:    "0.2.0",
}, {
	Code:     BadResponse,
	Name:     "bad-response-shape",
	Severity: SeverityError,
	Status:   502,
	Title:    "The function's result is not what API Gateway takes",
	Text:     "SAM local could not make an HTTP response of what the function gave back, and says in its log why. Deployed, API Gateway answers 502 as well.",
	Fix:      "Give back an object with statusCode, a number; headers; and body, a string (JSON.stringify, json.dumps).",
	Since:    "0.2.0",
}, {
	Code:     BodyNotText,
	Name:     "request-body-not-text",
	Severity: SeverityError,
	Status:   502,
	Title:    "SAM local took a binary body for text",
	Text:     "SAM local reads a request's body as UTF-8 unless the API declares its media type as binary, and this one is not.",
	Fix:      "Declare the media type under BinaryMediaTypes of the REST API, such as multipart~1form-data. An HTTP API has no such setting, and takes the body when deployed: for SAM local alone, send it as text, such as Base64.",
	Since:    "0.2.0",
}, {
	Code:     PortInUse,
	Name:     "port-in-use",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream's port is taken",
	Text:     "The command behind -- could not listen: another program, often an earlier start of the same one, has the port. Where the command is SAM local, corsproxy looks at the port first, and does not start it.",
	Fix:      "If it is SAM local that has the port, use it: corsproxy --upstream 3000. Otherwise end the other program, or give the command another port: sam local start-api --port 3001.",
	Since:    "0.2.0",
}, {
	Code:     FunctionTimedOut,
	Name:     "function-timed-out",
	Severity: SeverityError,
	Status:   502,
	Title:    "The function took longer than its Timeout",
	Text:     "SAM local ended the function after the Timeout of the template, which is 3 seconds where none is given.",
	Fix:      "Raise Timeout in the function's Properties, or look at what it waits for. From a container, 127.0.0.1 is the container itself: use host.docker.internal.",
	Since:    "0.2.0",
}, {
	Code:     DiskFull,
	Name:     "disk-full",
	Severity: SeverityError,
	Status:   502,
	Title:    "No space is left for containers",
	Text:     "The container engine or the function could not write: its disk is full.",
	Fix:      "Make room: docker system prune removes what no container uses.",
	Since:    "0.2.0",
}, {
	Code:     RuntimeEnded,
	Name:     "function-runtime-ended",
	Severity: SeverityError,
	Status:   502,
	Title:    "The function's process ended before it answered",
	Text:     "The process that runs the function could not be started, ended by itself, or was killed, and no error of the function says why: it was killed for memory, it called sys.exit, process.exit or os.Exit, or its CodeUri has nothing for its Runtime to start.",
	Fix:      "Where it was killed, raise MemorySize in the function's Properties. Otherwise read the function's own lines in SAM local's log, and have it raise an error or give back a response where it ends the process.",
	Since:    "0.2.0",
}, {
	Code:     HeaderNotLatin1,
	Name:     "response-header-not-latin-1",
	Severity: SeverityError,
	Status:   502,
	Title:    "SAM local cannot send a header field of the function's response",
	Text:     "The function's response has a header field with a character beyond Latin-1, such as ł, а or “. The server in SAM local fails on it (UnicodeEncodeError in its log), and leaves the request without an answer and its connection open: the page waits until it gives up. The code is told only where corsproxy reads SAM local's log.",
	Fix:      "Have the function send the field in ASCII, such as percent-encoded by encodeURIComponent or urllib.parse.quote. The name of a file for a download goes into filename* (RFC 6266).",
	Since:    "0.2.0",
}}
