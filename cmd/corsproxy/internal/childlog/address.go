package childlog

import (
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/child"
)

// Program returns the name of the program that a command starts, which env may
// stand before: env AWS_PROFILE=dev sam …
func Program(args []string) string {
	for _, a := range args {
		if name := nameOf(a); name != "env" && !strings.Contains(a, "=") {
			return name
		}
	}
	return ""
}

// Name returns what to call a command where others may read it: its program, and
// of SAM CLI what it does. What else stands there may be a secret.
func Name(args []string) string {
	if IsSAM(args) && slices.ContainsFunc(args[:slices.Index(args, "local")], func(a string) bool { return nameOf(a) == "sam" }) {
		return "sam local start-api"
	}
	if name := Program(args); name != "" && !strings.HasPrefix(name, "-") {
		return name
	}
	return nameOf(args[0])
}

// PortAmong returns the first argument that may be a port that anybody may
// listen on; "" where there is none.
func PortAmong(args []string) string {
	for _, a := range args[1:] {
		if len(a) >= 4 && isPort(a) {
			return a
		}
	}
	return ""
}

// nameOf returns a program's name without its folder and extension.
func nameOf(program string) string {
	name := filepath.Base(program)
	return strings.TrimSuffix(strings.TrimSuffix(name, ".cmd"), ".exe")
}

// defaults are where programs listen of which this is well known: by their
// name, or by the first words that identify them.
var defaults = []struct {
	words []string
	port  string
}{
	{[]string{"flask", "run"}, "5000"},
	{[]string{"func", "start"}, "7071"},
	{[]string{"func", "host", "start"}, "7071"},
	{[]string{"http.server"}, "8000"},
}

// FromCommand returns the address that a command is told to listen on, as a
// URL; "" where it does not say. Its log knows better, if it says so.
func FromCommand(args, env []string) string {
	host, port := fromFlags(args)
	if port == "" {
		port = positional(args)
	}
	if port == "" {
		name := "PORT"
		if hasWords(args, []string{"flask", "run"}) {
			name = "FLASK_RUN_PORT"
		}
		port = child.Variable(append(slices.Clone(env), args...), name) // env PORT=3001 node …
	}
	for _, d := range defaults {
		if port == "" && hasWords(args, d.words) {
			port = d.port
		}
	}
	if !isPort(port) {
		return ""
	}
	return URL(host, port)
}

// fromFlags reads --port and its like.
func fromFlags(args []string) (host, port string) {
	for i := 1; i < len(args); i++ {
		name, value, inline := strings.Cut(args[i], "=")
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		switch name {
		case "--port", "-p", "--http-port":
			port = value
		case "--host", "--hostname", "--address":
			host = value
		case "-b", "--bind", "--listen", "-S", "--addr":
			if h, p, err := net.SplitHostPort(value); err == nil {
				host, port = h, p
			}
		default:
			if n, ok := strings.CutPrefix(name, "-p"); ok && isPort(n) {
				port = n
			}
			continue
		}
		if !inline {
			i++
		}
	}
	port, _, _ = strings.Cut(port, ":") // docker run -p 3001:3000
	return host, port
}

// positional returns the port that stands alone among the arguments, where the
// program takes one so.
func positional(args []string) string {
	i := slices.Index(args, "http.server")
	if i < 0 {
		return ""
	}
	for _, a := range args[i+1:] {
		if isPort(a) {
			return a
		}
	}
	return ""
}

// hasWords reports whether words stand in args in their order: a program's name
// and what it is told to do.
func hasWords(args, words []string) bool {
	for _, a := range args {
		if len(words) > 0 && nameOf(a) == words[0] {
			words = words[1:]
		}
	}
	return len(words) == 0
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// URL returns the URL under which this machine reaches a server that listens
// on host and port.
func URL(host, port string) string {
	switch host = strings.Trim(host, "[]"); host {
	case "", "*", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "localhost" // both 127.0.0.1 and ::1
	}
	return "http://" + net.JoinHostPort(host, port)
}
