package childlog

import (
	"cmp"
	"slices"
	"strings"
)

// A SAMLocal is what the arguments of a command tell SAM local's API. What they
// do not say is empty.
type SAMLocal struct {
	Template             string // -t
	ConfigFile           string // --config-file
	Environment          string // --config-env
	Region               string
	Overrides            []string // --parameter-overrides, as words
	LanguageExtensions   bool
	NoLanguageExtensions bool
	DisableAuthorizer    bool
	Variables            []string // that env sets, as NAME=VALUE

	host, port string
}

// IsSAM reports whether a command starts SAM local's API, which says where it
// listens when it mounts its routes.
func IsSAM(args []string) bool { return startAPI(args) > 0 }

// startAPI returns the index of the word start-api, which SAM CLI's options for it
// follow; 0 where the command does not start SAM local's API. What stands before may
// have options of another program.
func startAPI(args []string) int {
	local := slices.Index(args, "local")
	if local <= 0 || nameOf(args[0]) == "docker" {
		return 0
	}
	if after := slices.Index(args[local:], "start-api"); after > 0 {
		return local + after
	}
	return 0
}

// ReadSAM reads a command that starts SAM local's API; see [IsSAM]. As SAM CLI has
// it, the last of an option counts.
func ReadSAM(args []string) SAMLocal {
	s := SAMLocal{Variables: variables(args)}
	args = args[startAPI(args):]
	s.host, s.port = fromFlags(args)
	for i, a := range args {
		name, value, inline := strings.Cut(a, "=")
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		switch name {
		case "-t", "--template", "--template-file":
			s.Template = value
		case "--config-file":
			s.ConfigFile = value
		case "--config-env":
			s.Environment = value
		case "--region":
			s.Region = value
		case "--parameter-overrides":
			s.Overrides = words(args[i+1:])
			if inline {
				s.Overrides = append([]string{value}, s.Overrides...)
			}
		case "--language-extensions", "--no-language-extensions":
			s.LanguageExtensions = a == "--language-extensions"
			s.NoLanguageExtensions = !s.LanguageExtensions
		case "--disable-authorizer":
			s.DisableAuthorizer = true
		default:
			if attached, ok := strings.CutPrefix(a, "-t"); ok { // as -p3001
				s.Template = attached
			}
		}
	}
	return s
}

// Address returns the URL on which SAM local listens; "" where there is no port.
// Host and port are those that its configuration says.
func (s SAMLocal) Address(host, port string) string {
	if port = cmp.Or(s.port, port); !isPort(port) {
		return ""
	}
	return URL(cmp.Or(s.host, host), port)
}

// words returns the arguments up to the next option.
func words(args []string) []string {
	end := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if end < 0 {
		end = len(args)
	}
	return args[:end]
}

// variables returns those that env sets for the program of a command.
func variables(args []string) []string {
	if len(args) == 0 || nameOf(args[0]) != "env" {
		return nil
	}
	i := 1
	for i < len(args) && strings.Contains(args[i], "=") {
		i++
	}
	return args[1:i]
}
