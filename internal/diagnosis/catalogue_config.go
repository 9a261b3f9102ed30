package diagnosis

// CP5xxx: the configuration. These stand in the log and on the terminal; no
// exchange carries one.
const (
	ConfigInvalid      Code = "CP5001"
	ConfigNotReloaded  Code = "CP5002"
	ConfigNeedsRestart Code = "CP5003"
	ListenFailed       Code = "CP5004"
	TemplateRefused    Code = "CP5010"
	TemplateNotRead    Code = "CP5011"
)

var configCodes = []Info{{
	Code:     ConfigInvalid,
	Name:     "config-invalid",
	Severity: SeverityError,
	Title:    "The configuration has mistakes",
	Text:     "A flag, a CORSPROXY_ variable or the configuration file has an unknown key or a value that cannot be used. All mistakes are listed at once, each with its place. corsproxy did not start; its exit code is 2.",
	Fix:      "Correct the places that are listed. config.example.yaml documents every key.",
	Since:    "0.1.0",
}, {
	Code:     ConfigNotReloaded,
	Name:     "config-not-reloaded",
	Severity: SeverityWarning,
	Title:    "The changed configuration file was not applied",
	Text:     "The configuration file changed while corsproxy was serving, and has mistakes, has no setting in it, is gone or cannot be read. The configuration stays as it was before the change.",
	Fix:      "Correct the file. It is read again as soon as it changes, and on SIGHUP.",
	Since:    "0.1.0",
}, {
	Code:     ConfigNeedsRestart,
	Name:     "config-needs-restart",
	Severity: SeverityWarning,
	Title:    "A changed setting applies after a restart",
	Text:     "The configuration file changed a key that is read only at the start, such as listen. All other changes were applied.",
	Fix:      "Restart corsproxy, or take the change back.",
	Since:    "0.1.0",
}, {
	Code:     ListenFailed,
	Name:     "listen-failed",
	Severity: SeverityError,
	Title:    "corsproxy cannot listen on its address",
	Text:     "The operating system did not let corsproxy listen: most often another program, or another corsproxy, has that port, or the port is below 1024 and reserved.",
	Fix:      "End the other program, or choose another port with --listen.",
	Since:    "0.1.0",
}, {
	Code:     TemplateRefused,
	Name:     "template-refused",
	Severity: SeverityWarning,
	Title:    "SAM CLI would refuse the template",
	Text:     "The template, the source of the build, or samconfig.toml has a mistake with which SAM CLI does not start, or crashes; or `--config-file` or `--parameter-overrides` names a file that is not there, or that SAM CLI cannot read. Where no route can be told, corsproxy serves on with what it knew of the template before, or without it.",
	Fix:      "Correct the place that is named. The template is read again as soon as it changes.",
	Since:    "0.2.0",
}, {
	Code:     TemplateNotRead,
	Name:     "template-not-read",
	Severity: SeverityWarning,
	Title:    "The template cannot be read",
	Text:     "The template is not there, or not any more, may not be read, or is no file that SAM takes. corsproxy serves on with what it knew of the template before, or without it.",
	Fix:      "Make the file readable, or name another with --template. The file is read as soon as it can be; --template none does without.",
	Since:    "0.2.0",
}}
