package diagnosis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// UpstreamError explains why a request could not be forwarded to the upstream,
// or why no answer came back. It reads err by type, never by text, so that err
// may be wrapped. inContainer says whether corsproxy runs in a container,
// where a loopback address is the container itself.
func UpstreamError(err error, upstream *url.URL, inContainer bool) Diagnosis {
	f := failure{err: err, url: upstream, inContainer: inContainer}
	for _, explain := range []func(failure) (Diagnosis, bool){
		clientGone,
		notHTTP,
		tooManyOpenFiles,
		nameNotFound,
		tlsFailed,
		connectionRefused,
		timedOut,
		unreachable,
		closedEarly,
	} {
		if d, ok := explain(f); ok {
			return d
		}
	}
	return f.diagnose(UpstreamFailed, "the request could not be forwarded to %s: %s", f.at(), show(err.Error()))
}

// BodyCut explains a response whose body ended early, after its head was
// forwarded: it may be the client that left. It is for the log: the client can only be shown the same cut.
// got is the number of bytes that came, want the Content-Length or -1.
func BodyCut(err error, upstream *url.URL, got, want int64) Diagnosis {
	f := failure{err: err, url: upstream}
	if d, ok := clientGone(f); ok {
		d.Detail += fmt.Sprintf("; %d bytes of the answer had come", got)
		return d
	}
	if f.is(http1.ErrNotChunked) {
		d := f.diagnose(UpstreamBodyCut, "the response of %s says Transfer-Encoding: chunked, and its body is in no chunks", f.at())
		d.Hints = []string{handedOn}
		return d
	}
	if want >= 0 {
		d := f.diagnose(UpstreamBodyCut, "the response of %s ended after %d of %d bytes: %s", f.at(), got, want, show(err.Error()))
		if f.is(io.ErrUnexpectedEOF) {
			d.Hints = []string{handedOn}
		}
		return d
	}
	if f.is(http1.ErrNoCloseNotify) {
		return f.diagnose(UpstreamBodyCut, "the response of %s has no length, and after %d bytes %s; have the upstream send Content-Length or chunks", f.at(), got, err)
	}
	return f.diagnose(UpstreamBodyCut, "the response of %s was cut after %d bytes: %s", f.at(), got, show(err.Error()))
}

// handedOn is what to do where the header says of a body what is not so.
const handedOn = "if a function hands on the headers of another response, have it leave out those about how that was sent: Content-Encoding, Content-Length, Transfer-Encoding, Connection"

// failure is the evidence of an attempt to reach the upstream.
type failure struct {
	err         error
	url         *url.URL
	inContainer bool
}

// is reports whether the error is, or wraps, one of those.
func (f failure) is(those ...error) bool {
	return slices.ContainsFunc(those, func(e error) bool { return errors.Is(f.err, e) })
}

// at returns the upstream's address as the user writes it, without secrets.
func (f failure) at() string {
	return (&url.URL{Scheme: f.url.Scheme, Host: f.url.Host, Path: f.url.Path}).String()
}

// with returns the upstream's address with another scheme.
func (f failure) with(scheme string) string {
	return (&url.URL{Scheme: scheme, Host: f.url.Host, Path: f.url.Path}).String()
}

func (f failure) diagnose(c Code, format string, args ...any) Diagnosis {
	info, _ := Lookup(c)
	return Diagnosis{Code: c, Status: info.Status, Detail: fmt.Sprintf(format, args...)}
}

func clientGone(f failure) (Diagnosis, bool) {
	var body *http1.RequestBodyError
	var none *http1.NoResponseError
	switch {
	case errors.As(f.err, &body):
		return f.diagnose(ClientGone, "the request's body did not come to its end: %s", show(body.Err.Error())), true
	case f.is(http1.ErrClientLeft) && errors.As(f.err, &none):
		d := f.diagnose(ClientGone, "the client closed its connection, or its sending side, and %s closed its own without an answer", f.at())
		d.Status = http.StatusBadGateway // for one that still listens
		return d, true
	case f.is(http1.ErrClientLeft):
		return f.diagnose(ClientGone, "the client closed its connection while %s was answering", f.at()), true
	case f.is(context.Canceled):
		return f.diagnose(ClientGone, "the client left before %s answered", f.at()), true
	default:
		return Diagnosis{}, false
	}
}

func tooManyOpenFiles(f failure) (Diagnosis, bool) {
	if !f.is(noFiles...) {
		return Diagnosis{}, false
	}
	d := f.diagnose(TooManyOpenFiles, "no connection to %s: no file descriptor is left; raise the limit (ulimit -n 4096)", f.at())
	d.Hints = []string{"check whether the page leaves event streams or WebSockets open: each holds two descriptors"}
	return d, true
}

func nameNotFound(f failure) (Diagnosis, bool) {
	var dns *net.DNSError
	if !errors.As(f.err, &dns) {
		return Diagnosis{}, false
	}
	if !dns.IsNotFound {
		d := f.diagnose(UpstreamNameNotFound, "the name %s of the upstream could not be looked up: %s", show(dns.Name), dns.Err)
		d.Hints = []string{"check whether this machine's name server answers"}
		return d, true
	}
	d := f.diagnose(UpstreamNameNotFound, "there is no host named %s; check --upstream %s", show(dns.Name), shell.Word(f.at()))
	if f.url.Hostname() == dockerHost {
		d.Hints = []string{"on Linux the name has to be given to the container: docker run --add-host " + dockerHost + ":host-gateway, or extra_hosts: [\"" + dockerHost + ":host-gateway\"] in Docker Compose"}
	} else if f.inContainer {
		d.Hints = []string{"in Docker Compose the name is the service's: check whether both services share a network"}
	}
	return d, true
}

// onLinuxHost is what a container on Linux needs to reach its host.
const onLinuxHost = "on Linux the container needs the name " + dockerHost + ": docker run --add-host " + dockerHost + ":host-gateway"

func connectionRefused(f failure) (Diagnosis, bool) {
	if !f.is(refused...) {
		return Diagnosis{}, false
	}
	switch near := f.inContainer && isLoopback(f.url.Hostname()); {
	case near && f.url.Scheme == "https":
		d := f.diagnose(UpstreamRefused, "nothing listens at %s; start it, or, since corsproxy runs in a container, name the machine that it runs on: --upstream %s", f.at(), f.onDockerHost())
		d.Hints = []string{onLinuxHost}
		return d, true
	case near:
		d := f.diagnose(UpstreamRefused, "nothing listens at %s; start it with %q, or, since corsproxy runs in a container, name the machine that it runs on: --upstream %s", f.at(), f.startCommand(f.listenHost()), f.onDockerHost())
		d.Hints = []string{
			"check where SAM local listens: by default on its own 127.0.0.1 alone, which another network does not reach; start it with " + f.startCommand("0.0.0.0"),
			onLinuxHost,
		}
		return d, true
	case f.url.Scheme == "https": // no case for a plain "sam local start-api"
		return f.diagnose(UpstreamRefused, "nothing listens at %s; start it, or point corsproxy elsewhere with --upstream", f.at()), true
	}
	d := f.diagnose(UpstreamRefused, "nothing listens at %s; start it with %q (it listens on port %s), or point corsproxy elsewhere with --upstream",
		f.at(), f.startCommand(f.listenHost()), f.port())
	if !isLoopback(f.url.Hostname()) {
		d.Hints = []string{"check whether it listens on that address: SAM local listens on 127.0.0.1 alone unless it is started with --host 0.0.0.0"}
	}
	d.Hints = append(d.Hints, "SAM local needs 5 to 15 seconds to start: check whether it has printed its Mounting lines")
	return d, true
}

// ConfiguredElsewhere is a refused connection where SAM's configuration file has
// SAM local listen on another port than the upstream's: sam local start-api alone
// would not do. The upstream is what to name in its place, "" where that is not sure.
func ConfiguredElsewhere(d Diagnosis, file, port, upstreamPort, upstream string) Diagnosis {
	const command = "sam local start-api"
	name := func(text string) string {
		if upstreamPort == "" || strings.Contains(text, command+" --port") {
			return text
		}
		return strings.ReplaceAll(text, command, command+" --port "+upstreamPort)
	}
	d.Detail = name(d.Detail) + "; " + show(file) + " has SAM local listen on port " + show(port)
	if upstream != "" {
		d.Detail += ": if that is meant, start corsproxy with --upstream " + show(upstream)
	}
	d.Hints = slices.Clone(d.Hints)
	for i, hint := range d.Hints {
		d.Hints[i] = name(hint)
	}
	return d
}

// port returns the port that the upstream's URL means.
func (f failure) port() string {
	switch {
	case f.url.Port() != "":
		return f.url.Port()
	case f.url.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// startCommand is the command that makes SAM local listen on the upstream's port,
// and on a host, if one is to be told.
func (f failure) startCommand(host string) string {
	cmd := "sam local start-api"
	if port := f.port(); port != "3000" {
		cmd += " --port " + port
	}
	if host != "" {
		cmd += " --host " + host
	}
	return cmd
}

// listenHost is what SAM local is to listen on; "" is for what it takes by itself,
// which is 127.0.0.1.
func (f failure) listenHost() string {
	switch host := f.url.Hostname(); {
	case !isLoopback(host):
		return "0.0.0.0"
	case host == "::1":
		return host
	}
	return ""
}

// onDockerHost is the upstream's address as a container reaches its host.
func (f failure) onDockerHost() string {
	return (&url.URL{Scheme: f.url.Scheme, Host: net.JoinHostPort(dockerHost, f.port()), Path: f.url.Path}).String()
}

func timedOut(f failure) (Diagnosis, bool) {
	var waited *http1.TimeoutError
	if errors.As(f.err, &waited) {
		d := f.diagnose(UpstreamTimeout, "%s took the request and did not begin to answer within %v; raise timeouts.response_header, or set it to 0s for no limit", f.at(), waited.Waiting)
		d.Hints = []string{"the first invocation of a function in SAM local builds a container image: check whether a second request is faster"}
		return d, true
	}
	var op *net.OpError
	dialing := errors.As(f.err, &op) && op.Op == "dial"
	var timeout interface{ Timeout() bool }
	switch {
	case dialing && op.Timeout(), f.is(dialTimeout...) && dialing:
		d := f.diagnose(UpstreamDialTimeout, "%s did not accept a connection in time (timeouts.dial); check whether the address is right", f.at())
		d.Hints = []string{"check whether a firewall drops the packets"}
		if f.url.Scheme == "https" {
			d.Hints = append(d.Hints, "check whether it speaks TLS: --upstream "+shell.Word(f.with("http"))+" is for one that does not")
		}
		return d, true
	case errors.As(f.err, &timeout) && timeout.Timeout():
		return f.diagnose(UpstreamTimeout, "%s did not answer in time: %s", f.at(), show(f.err.Error())), true
	default:
		return Diagnosis{}, false
	}
}

func unreachable(f failure) (Diagnosis, bool) {
	if !f.is(noWay...) {
		return Diagnosis{}, false
	}
	d := f.diagnose(UpstreamUnreachable, "there is no way to %s from here; check whether the address given with --upstream is right", f.at())
	d.Hints = []string{"check whether the network that leads there (VPN, container network) is up"}
	return d, true
}

func closedEarly(f failure) (Diagnosis, bool) {
	var none *http1.NoResponseError
	if !errors.As(f.err, &none) && !f.is(io.EOF, io.ErrUnexpectedEOF, net.ErrClosed) && !f.is(cutOff...) {
		return Diagnosis{}, false
	}
	how := "closed"
	if f.is(cutOff...) {
		how = "reset"
	}
	d := f.diagnose(UpstreamClosed, "%s took the connection and %s it before it answered; look at its log for this moment", f.at(), how)
	d.Hints = []string{"check whether the upstream crashed or was restarted, and whether it is an HTTP server at all"}
	if f.url.Scheme == "http" {
		d.Hints = append(d.Hints, "check whether it speaks TLS, as many servers then just hang up: --upstream "+shell.Word(f.with("https")))
	}
	return d, true
}
