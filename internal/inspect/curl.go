package inspect

import (
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/shell"
	"github.com/corsproxy/corsproxy/proxy"
)

// curl returns a command for a POSIX shell that sends the request of e to the
// proxy at base. What curl says by itself (Host, Content-Length) is left to it.
// Notes before the command say what the command does not have.
func curl(e *entry, base string, hide redactor) string {
	if e.Method == "" || e.Target == "" {
		return note("The request could not be read, so curl cannot send it.")
	}
	var notes []string
	args := []string{"curl", "--include", "--globoff", "--path-as-is"}
	var data string
	if e.Record != nil {
		var missing string
		if data, missing = curlBody(e.Record.Request, hide); data != "" && e.Method == "HEAD" {
			data, missing = "", "curl sends no body with HEAD, so it is left out."
		}
		if missing != "" {
			notes = append(notes, note(missing))
		}
	}
	switch {
	case e.Method == "GET" && data == "":
	case e.Method == "HEAD":
		args = append(args, "--head")
	default:
		args = append(args, "--request "+shell.Foreign(e.Method)) // with data it would be POST
	}
	if e.Record != nil {
		args = append(args, curlFields(hide.fields(e.Record.Request.Fields), data != "")...)
	}
	if data != "" {
		args = append(args, data)
	}
	if bool(hide) && hides(e) {
		notes = append(notes, note("Secrets stand as "+Redacted+"; reveal them in the inspector to copy them too."))
	}
	target := hide.line(e.Target)
	if !strings.HasPrefix(target, "/") || strings.ContainsFunc(target, rewritten) {
		// "*", or what could not be read: curl sends it only when told.
		args = append(args, "--request-target "+shell.Foreign(target))
		target = "/"
	}
	args = append(args, shell.Foreign(base+target))
	return strings.Join(append(notes, strings.Join(args, " \\\n  ")), "\n")
}

// rewritten reports whether curl sends a character of a URL as something else,
// or not at all.
func rewritten(r rune) bool { return r == '#' || r <= ' ' || r > '~' }

// note returns a line that does nothing but say something. It is no comment: in a
// line that is pasted, zsh takes "#" for a command, and runs what is written $(so)
// behind it.
func note(text string) string { return ": " + shell.Foreign(text) }

// curlFields returns the arguments for all fields, and takes away those that curl
// adds where the request has none.
func curlFields(fields []proxy.Field, body bool) []string {
	added := map[string]bool{"User-Agent": true, "Accept": true, "Content-Type": body}
	var args []string
	for _, f := range fields {
		delete(added, textproto.CanonicalMIMEHeaderKey(f.Name))
		if arg := curlField(f); arg != "" {
			args = append(args, arg)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(added)) {
		if added[name] {
			args = append(args, "--header "+name+":")
		}
	}
	return args
}

// curlField returns the argument for one field; "" where curl sends it itself.
func curlField(f proxy.Field) string {
	switch strings.ToLower(f.Name) {
	case "host", "content-length", "connection", "transfer-encoding", "expect":
		return ""
	case "accept-encoding":
		return "--compressed" // it would show compressed bytes otherwise
	}
	if f.Value == "" {
		return "--header " + shell.Foreign(f.Name+";") // with a colon curl would drop it
	}
	return "--header " + shell.Foreign(f.Name+": "+f.Value)
}

// maxArgument is how long a body may be for curl to be given it as an argument, in
// bytes. Linux takes 128 KiB.
const maxArgument = 100 << 10

// curlBody returns the argument for a body, or a note that says why there is
// none.
func curlBody(m proxy.Message, hide redactor) (arg, missing string) {
	switch b := m.Body; {
	case b.Size == 0 && b.Whole:
		return "", ""
	case !b.Whole:
		return "", fmt.Sprintf("The body is not here: %d of at least %d bytes were kept.", len(b.Data), b.Size)
	case !isText(b.Data):
		return "--data-binary @body.bin", fmt.Sprintf("The body is binary (%d bytes): save it as body.bin.", b.Size)
	case len(b.Data) > maxArgument:
		return "--data-binary @body.bin", fmt.Sprintf("The body is long (%d bytes): save it as body.bin.", b.Size)
	}
	return "--data-raw " + shell.Foreign(string(hide.data(m))), ""
}

// isText reports whether b is text that can be shown and pasted: UTF-8 without
// control characters other than white space.
func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return false
		}
	}
	return true
}
