// Package config reads the configuration of corsproxy: one schema, which is
// the struct [Config], and three ways to fill it in. A flag overrides an
// environment variable, which overrides the file, which overrides the default.
//
// The struct's tags are the only place where a setting's key, flag, choices
// and description are written. Flags, environment variables, the JSON Schema
// for editors and the checks on config.example.yaml all follow from them; see
// [Keys].
//
// [Load] reports every mistake in all three sources at once, each with its
// place. It changes nothing and keeps no state, so that a running program can
// call [Loaded.Reload] whenever the file changes and swap the result in whole.
package config

import "time"

//go:generate go test -run=^TestSchemaIsCurrent$ . -update

// Config is the configuration. The tags of a field are
//
//	mapstructure  its key in the file
//	flag          its flag of the root command
//	unit          what stands for the value in help texts
//	enum          the values it may take, separated by "|"
//	between       the least and the greatest value of a number
//	kind          how its text is read, where the Go type does not say it
//	restart       true where a change takes effect only after a restart
//	help          what it does; also the description in the JSON Schema, and
//	              the beginning of its comment in config.example.yaml
type Config struct {
	Listen             string   `mapstructure:"listen" flag:"listen" restart:"true" unit:"ADDRESS" kind:"listen" help:"where to listen: a port of this machine, :port for every interface, or host:port"`
	Upstream           string   `mapstructure:"upstream" flag:"upstream" restart:"true" unit:"ADDRESS" kind:"upstream" help:"where requests are forwarded to: a port of this machine, host:port or a URL"`
	Template           string   `mapstructure:"template" flag:"template" unit:"auto|none|FILE" help:"the SAM template to know the routes from: auto is the one that SAM local takes here, none is none"`
	ParameterOverrides []string `mapstructure:"parameter_overrides" flag:"parameter-overrides" unit:"KEY=VALUE" kind:"texts" help:"values for parameters of the template, as SAM takes them; without any, those of samconfig.toml"`
	CORS               CORS     `mapstructure:"cors" help:"which cross-origin requests are allowed, and the answer to every OPTIONS"`
	Routes             []Route  `mapstructure:"routes" help:"other CORS settings for some paths; the first path that matches wins"`
	SAM                SAM      `mapstructure:"sam" help:"what is known of the routes that SAM local serves"`
	Child              Child    `mapstructure:"child" help:"the upstream that corsproxy starts itself: corsproxy -- sam local start-api"`
	Errors             Errors   `mapstructure:"errors" help:"what becomes of errors that hide their cause"`
	Inspect            Inspect  `mapstructure:"inspect" help:"a web page that shows what goes through the proxy, as it goes"`
	Log                Log      `mapstructure:"log" help:"the log on standard error"`
	Timeouts           Timeouts `mapstructure:"timeouts" help:"how long the upstream is waited for; 0s is for ever"`
}

// CORS is a CORS policy and where it comes from.
type CORS struct {
	Source           string        `mapstructure:"source" flag:"cors-source" enum:"config|template|upstream" help:"who answers OPTIONS: these settings, the template as the deployed API would, or the upstream"`
	AllowOrigins     []string      `mapstructure:"allow_origins" flag:"allow-origin" unit:"ORIGIN" help:"the origins whose pages may send what needs a preflight: exact, *, https://*.example.com, localhost (this machine, any port) or null"`
	AllowMethods     []string      `mapstructure:"allow_methods" flag:"allow-method" unit:"METHOD" help:"the methods that may be used, * for any"`
	AllowHeaders     []string      `mapstructure:"allow_headers" flag:"allow-header" unit:"HEADER" help:"the request headers that may be sent, * for any"`
	ExposeHeaders    []string      `mapstructure:"expose_headers" flag:"expose-header" unit:"HEADER" help:"the response headers that scripts may read, beyond those that they always may"`
	AllowCredentials bool          `mapstructure:"allow_credentials" flag:"allow-credentials" help:"let pages send cookies and other credentials; allow_origins must then name its origins"`
	MaxAge           time.Duration `mapstructure:"max_age" flag:"max-age" unit:"DURATION" help:"how long a browser may remember the answer to a preflight"`
	PreflightStatus  int           `mapstructure:"preflight_status" flag:"preflight-status" unit:"STATUS" between:"200-299" help:"the status of the answer to OPTIONS, 200 to 299"`
	ResponseHeaders  string        `mapstructure:"response_headers" flag:"response-headers" enum:"keep|fill|replace" help:"the upstream's own Access-Control headers: keep them, fill in where there are none, or replace them"`
}

// Route overrides CORS settings for the paths that Path matches. In a loaded
// configuration CORS is complete: what the route does not name has the value
// of the top level.
type Route struct {
	Path string `mapstructure:"path" kind:"pattern" help:"the path, as API Gateway writes it: /items/{id}, /admin/{proxy+}, or $default for all"`
	CORS CORS   `mapstructure:"cors" help:"any setting of cors; the others stay as they are there"`
}

// SAM says how the routes of the upstream become known.
type SAM struct {
	Routes []string `mapstructure:"routes" flag:"sam-route" unit:"ROUTE" help:"routes that SAM local serves, each a method and a path: POST /scanRecords"`
	Log    string   `mapstructure:"log" flag:"sam-log" restart:"true" unit:"FILE" help:"the output of sam local start-api to learn routes from: a file, a named pipe, or - for standard input"`
}

// Child says how the command behind -- is treated.
type Child struct {
	ReadyTimeout            time.Duration `mapstructure:"ready_timeout" flag:"ready-timeout" restart:"true" unit:"DURATION" help:"how long a request waits for the command behind -- to be ready"`
	RestartOnTemplateChange bool          `mapstructure:"restart_on_template_change" flag:"restart-on-template-change" restart:"true" help:"start the command behind -- again when the template changes"`
}

// Errors says what becomes of the upstream's errors.
type Errors struct {
	MissingAuthenticationToken string `mapstructure:"missing_authentication_token" flag:"missing-authentication-token" enum:"convert|annotate|keep" help:"403 Missing Authentication Token: convert it into an error that names its cause, annotate it with headers, or keep it"`
}

// Inspect says where the inspector is.
type Inspect struct {
	Listen string `mapstructure:"listen" flag:"inspect" restart:"true" unit:"ADDRESS" kind:"listen" help:"where to serve the inspector and metrics, apart from the proxy: a port of this machine, or host:port; empty is off"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `mapstructure:"level" flag:"log-level" enum:"debug|info|warn|error" help:"how much to log: info shows every request, warn only trouble"`
	Format string `mapstructure:"format" flag:"log-format" restart:"true" enum:"auto|console|json" help:"console is for people, json for programs; auto is console on a terminal and json elsewhere"`
}

// Timeouts bound the stages of forwarding a request. Zero is no bound.
type Timeouts struct {
	Dial           time.Duration `mapstructure:"dial" flag:"timeout-dial" restart:"true" unit:"DURATION" help:"how long to wait for a connection to the upstream"`
	ResponseHeader time.Duration `mapstructure:"response_header" flag:"timeout-response-header" restart:"true" unit:"DURATION" help:"how long to wait for the head of a response; a function may run for 15 minutes"`
	Idle           time.Duration `mapstructure:"idle" flag:"timeout-idle" restart:"true" unit:"DURATION" help:"how long to keep an unused connection open"`
}

// Default returns the configuration of a program to which nothing is said.
func Default() Config {
	return Config{
		Listen:             "127.0.0.1:8080",
		Upstream:           "http://127.0.0.1:3000",
		Template:           "auto",
		ParameterOverrides: []string{},
		CORS: CORS{
			Source:          "config",
			AllowOrigins:    []string{"*"},
			AllowMethods:    []string{"*"},
			AllowHeaders:    []string{"*"},
			ExposeHeaders:   []string{},
			MaxAge:          5 * time.Second,
			PreflightStatus: 200,
			ResponseHeaders: "keep",
		},
		Routes:   []Route{},
		SAM:      SAM{Routes: []string{}},
		Child:    Child{ReadyTimeout: time.Minute},
		Errors:   Errors{MissingAuthenticationToken: "convert"},
		Log:      Log{Level: "info", Format: "auto"},
		Timeouts: Timeouts{Dial: 5 * time.Second, Idle: 90 * time.Second},
	}
}
