package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpguts"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/fetch"
	"github.com/corsproxy/corsproxy/internal/jsontext"
	"github.com/corsproxy/corsproxy/internal/redact"
)

const tryLong = `try plays the browser: it sends to URL what a browser sends when a page calls
fetch, and says whether the page may read the answer. A preflight goes first
where a browser sends one, redirects are followed as a browser follows them, and
each answer is checked in Chrome's order. Where it is blocked, the verdict has
the names that Chrome, Firefox and Safari give it.

URL may be anything: SAM local, corsproxy, a deployed API. localhost:3000/items
and :3000/items are http://localhost:3000/items.

Exit codes: 0 the page may read the answer, 1 it is blocked, or there is no
answer, 2 a flag is wrong, 3 there is no verdict: time was up.`

// tryFlags are the flags of the try command.
type tryFlags struct {
	origin, method, data, output string
	headers                      []string
	credentials, preflightOnly   bool
	timeout                      time.Duration
}

func newTry(w world) *cobra.Command {
	var f tryFlags
	cmd := &cobra.Command{
		Use:   "try [flags] URL",
		Short: "Play the browser against a URL, and say its verdict",
		Long:  tryLong,
		Example: `  corsproxy try http://localhost:3000/items --origin http://localhost:5173

  # a preflight goes first, as for every request with JSON
  corsproxy try http://localhost:3000/items --origin http://localhost:5173 \
    --method POST --header 'Content-Type: application/json' --data '{}'

  # with cookies; the preflight alone, which starts no function
  corsproxy try http://localhost:8080/items/1 --origin http://localhost:5173 \
    --method DELETE --credentials --preflight-only --output json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, fmt.Sprintf("try takes one URL, and there are %d arguments", len(args)))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := f.request(args[0])
			if err != nil {
				return usage(cmd, err.Error())
			}
			return w.try(cmd.Context(), f, r)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.origin, "origin", "", "the `ORIGIN` of the page that calls, such as http://localhost:5173; needed")
	flags.StringVar(&f.method, "method", "", "the `METHOD` that the page gives to fetch (default GET, or POST with --data)")
	flags.StringArrayVar(&f.headers, "header", nil, "a request header that the page sets, as `'NAME: VALUE'`; may be repeated")
	flags.StringVar(&f.data, "data", "", "the `BODY` of the request")
	flags.BoolVar(&f.credentials, "credentials", false, "the page sends cookies: credentials: 'include', or withCredentials")
	flags.BoolVar(&f.preflightOnly, "preflight-only", false, "send the preflight, if there is one, and not the request")
	flags.DurationVar(&f.timeout, "timeout", 30*time.Second, "how long to wait in all, as a `DURATION`")
	flags.StringVar(&f.output, "output", "text", "`text|json`: for people, or for programs")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("method", cobra.FixedCompletions([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("origin", cobra.FixedCompletions([]string{"http://localhost:5173", "http://localhost:3000", "http://localhost:8080"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// request returns the request that the flags and the URL describe.
func (f tryFlags) request(target string) (fetch.Request, error) {
	var r fetch.Request
	u, err := tryURL(target)
	if err != nil {
		return r, err
	}
	if err := checkOrigin(f.origin); err != nil {
		return r, err
	}
	if f.output != "text" && f.output != "json" {
		return r, fmt.Errorf("--output: %q is neither text nor json", f.output)
	}
	r.Origin, r.URL, r.Method, r.Header, r.Credentials = f.origin, u, f.method, http.Header{}, f.credentials
	for _, text := range f.headers {
		name, value, err := parseHeader(text)
		if err != nil {
			return r, err
		}
		r.Header.Add(name, value)
	}
	if f.data != "" {
		r.Body = []byte(f.data)
		if f.method == "" {
			r.Method = http.MethodPost
		}
	}
	switch method := browser.NormalizeMethod(r.Method); {
	case browser.ForbiddenMethod(method):
		return r, fmt.Errorf("--method: fetch throws at %q, and no browser sends it", r.Method)
	case r.Body != nil && (method == http.MethodGet || method == http.MethodHead):
		return r, fmt.Errorf("--data: fetch throws at a body with %s; use another --method", method)
	}
	return r, nil
}

// thisMachine is how people begin the URL of a server of this machine when they
// leave out the scheme: a port, or a name of this machine with one.
var thisMachine = regexp.MustCompile(`^(localhost|127\.0\.0\.1|\[::1\])?:[0-9]+(?:[/?#]|$)`)

// tryURL reads the URL to call. It may leave out http:// before this machine's
// name and port, and the name, too.
func tryURL(target string) (*url.URL, error) {
	if m := thisMachine.FindStringSubmatch(target); m != nil {
		if m[1] == "" {
			target = "localhost" + target
		}
		target = "http://" + target
	}
	u, err := browser.ParseURL(target)
	shown := redact.Address(target)
	switch {
	case err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User != nil:
		return nil, fmt.Errorf("%q has a user name in it, and fetch throws at such a URL", shown)
	case err == nil && (u.Scheme == "http" || u.Scheme == "https"):
		return u, nil
	case strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//"):
		return nil, fmt.Errorf("%q is a path, and try wants a URL; for the corsproxy on this machine write %q", shown, ownURL(shown))
	case strings.Contains(target, "://"):
		return nil, fmt.Errorf("%q is no URL that a page can fetch; write http:// or https:// and a host", shown)
	}
	right := onLocalhost(strings.TrimPrefix(redact.WithoutUser(target), "//"))
	return nil, fmt.Errorf("%q has no scheme; write %q", shown, "http://"+redact.Address(right))
}

// onLocalhost adds the host to what begins with a port alone: a bare number is a
// port of this machine, as for --upstream.
func onLocalhost(target string) string {
	port, rest, path := strings.Cut(strings.TrimPrefix(target, ":"), "/")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return target
	}
	if path {
		rest = "/" + rest
	}
	return "localhost:" + port + rest
}

// ownURL is the URL of a path of the corsproxy that listens where it does by
// default.
func ownURL(path string) string {
	_, port, _ := net.SplitHostPort(config.Default().Listen)
	return "http://" + net.JoinHostPort("localhost", port) + path
}

// checkOrigin says what is wrong with the origin of a page, if anything is.
func checkOrigin(origin string) error {
	if origin == "" {
		return errors.New("--origin is missing; it is the page's scheme, host and port: --origin http://localhost:5173")
	}
	u, err := url.Parse(origin)
	switch {
	case origin == "null":
		return nil
	case redact.HasUser(origin):
		right := redact.WithoutUser(origin)
		if checkOrigin(right) != nil {
			right = "http://localhost:5173"
		}
		return fmt.Errorf("--origin: %q has a user in it, and an origin is scheme, host and port alone: --origin %s", redact.Address(origin), right)
	case onLocalhost(origin) != origin:
		return fmt.Errorf("--origin: %q has no scheme and no host; write %q", origin, "http://"+onLocalhost(origin))
	case err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "":
		return fmt.Errorf("--origin: %q is no origin; write scheme, host and port: --origin http://localhost:5173", redact.Address(origin))
	case u.Scheme != "http" && u.Scheme != "https" && origin == u.Scheme+"://"+u.Host:
		return nil // an extension's, or an app's
	case u.Opaque != "":
		return fmt.Errorf("--origin: %q has no scheme; write %q", redact.Address(origin), "http://"+redact.Address(origin))
	case browser.OriginOf(u) != origin:
		return fmt.Errorf("--origin: %q is not how browsers write an origin; write %q", redact.Address(origin), browser.OriginOf(u))
	}
	return nil
}

// parseHeader reads "Name: value".
func parseHeader(text string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.Trim(value, " \t")
	switch {
	case !ok:
		words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '=' })
		if len(words) < 2 {
			words = []string{name, "value"}
		}
		value = strings.Join(words[1:], " ")
		if shown := redact.Field(words[0], value); shown != value {
			text, value = words[0]+" "+shown, shown
		}
		return "", "", fmt.Errorf("--header: %q has no colon; write %q", text, words[0]+": "+value)
	case !httpguts.ValidHeaderFieldName(name):
		return "", "", fmt.Errorf("--header: %q is no name of a header", name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return "", "", fmt.Errorf("--header: the value of %s has a line end or a zero byte in it", name)
	}
	value, err = byteString(name, value)
	return name, value, err
}

// byteString returns the bytes that a browser sends for the value of a header:
// one for each character (Web IDL, "ByteString").
func byteString(name, value string) (string, error) {
	if !utf8.ValidString(value) {
		return value, nil // bytes already
	}
	b := make([]byte, 0, len(value))
	for _, r := range value {
		if r > 0xff {
			return "", fmt.Errorf("--header: fetch throws at %q in the value of %s, as no character after U+00FF can stand in a header; have the page encode it: encodeURIComponent gives %s",
				r, name, url.PathEscape(string(r)))
		}
		b = append(b, byte(r))
	}
	return string(b), nil
}

// saysWhy reports whether the text of a result says why there is no verdict: at
// the exchange that failed.
func saysWhy(result fetch.Result) bool {
	n := len(result.Exchanges)
	return n > 0 && result.Exchanges[n-1].Err != nil
}

// try plays the browser and prints what it found.
func (w world) try(ctx context.Context, f tryFlags, r fetch.Request) error {
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("no answer within %v; --timeout sets how long to wait", f.timeout))
	defer cancel()
	client := &fetch.Client{}
	result := client.Do(ctx, r, f.preflightOnly)
	var err error
	if f.output == "json" {
		err = jsontext.Write(w.stdout, newTryReport(r, result))
	} else {
		err = w.writeTry(r, result)
	}
	switch {
	case err != nil:
		return err
	case result.Err != nil && f.output == "text" && saysWhy(result):
		return &exitError{code: exitNotRun} // the text says why
	case result.Err != nil:
		return &exitError{exitNotRun, result.Err}
	case !result.Verdict.Allowed:
		return &exitError{code: exitFailed}
	}
	return nil
}
