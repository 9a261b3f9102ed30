package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/shell"
	"github.com/corsproxy/corsproxy/proxy"
)

// announce logs what a person wants to know at the start, in four lines: where
// corsproxy listens, which upstream and template it has, and who may call.
func (s *service) announce(ctx context.Context, at net.Addr, template samtemplate.Reading) {
	c, l := s.config, s.log
	address, everywhere := reachable(at)
	listening := address
	if everywhere {
		listening += ", and on every other interface of this machine"
	}
	l.banner("listening  "+listening, "listening on "+listening,
		zap.String("address", at.String()), zap.Bool("everyInterface", everywhere), zap.String("config", configName(c)))

	l.warnOfPort(at, "the proxy", "--listen 8080")
	if !s.announceUpstream(ctx) {
		return
	}
	s.sam.announce(template)
	s.inspector.announce(l)

	callers := callers(c)
	l.banner("origins    "+callers, callers, zap.Strings("allowOrigins", c.CORS.AllowOrigins))
}

// warnOfPort warns where browsers refuse to call what listens.
func (l *logger) warnOfPort(at net.Addr, what, instead string) {
	if _, port, err := net.SplitHostPort(at.String()); err == nil && browser.BadPort(port) {
		l.warn(fmt.Sprintf("browsers call nothing on port %s (net::ERR_UNSAFE_PORT), so no page reaches %s there; choose another port: %s", port, what, instead))
	}
}

// announceUpstream says where the upstream is, or what is started as it. It is
// false where there is no time left to.
func (s *service) announceUpstream(ctx context.Context) bool {
	c, l := s.config, s.log
	if s.child != nil {
		l.banner("starting   "+s.child.line, "starting "+s.child.line, zap.Int("process", s.child.pid()))
		return true
	}
	s.noteChildFlags()
	err := knock(ctx, c.Upstream, c.Timeouts.Dial)
	if ctx.Err() != nil {
		return false
	}
	upstream := c.Upstream + ", which answers"
	var steps []string
	if err != nil {
		upstream = c.Upstream + ", which does not answer yet"
		steps = s.silence(err)
	}
	upstream = l.withSteps(upstream, steps...)
	l.banner("upstream   "+upstream, "the upstream is "+upstream,
		zap.String("upstream", c.Upstream), zap.Bool("answers", err == nil))
	return true
}

// noteChildFlags says of flags that are for a command that there is none.
func (s *service) noteChildFlags() {
	for _, key := range []string{"child.ready_timeout", "child.restart_on_template_change"} {
		if at := s.config.Where(key); at.Layer == config.FromFlag {
			s.log.warn(fmt.Sprintf("%s is for a command that corsproxy starts, and there is none; write it behind --: corsproxy %[1]s … -- sam local start-api", at))
		}
	}
}

// silence says why the upstream does not answer, or what to do.
func (s *service) silence(err error) []string {
	refused := isRefused(err)
	start := "start it with " + s.world.startCommand(s.config.Upstream)
	port := portOf(s.config.Upstream)
	if rest, ok := strings.CutPrefix(s.config.Upstream, "https://"); ok && refused {
		return []string{"start it, or, if it is a sam local start-api without a certificate, write --upstream " + shell.Word("http://"+rest)}
	}
	if refused && s.world.inContainer && strings.Contains(s.config.Upstream, "://127.") {
		return []string{start, "or, for one outside this container, write --upstream host.docker.internal:" + port + ", and start it with --host 0.0.0.0"}
	}
	if file, other := s.world.configuredPort(s.config.Upstream); refused && other != "" && isLocal(s.config.Upstream) {
		return []string{start, "or write --upstream " + other + ", the port that " + file + " has SAM local listen on"}
	}
	if refused {
		return append([]string{start}, s.world.nowhere()...)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return []string{clean(err.Error())}
}

// startCommand is the command that makes SAM local listen where an upstream is
// expected.
func (w world) startCommand(upstream string) string {
	command := "sam local start-api"
	_, other := w.configuredPort(upstream)
	if port := portOf(upstream); port != "" && (port != "3000" || other != "" || w.nowhere() != nil) {
		command += " --port " + port
	}
	switch {
	case !isLocal(upstream):
		command += " --host 0.0.0.0"
	case strings.Contains(upstream, "//[::1]"): // by itself it listens on 127.0.0.1
		command += " --host ::1"
	}
	return command
}

// configuredPort returns the port that SAM's configuration has SAM local listen
// on, and that file, where it is another than an upstream's.
func (w world) configuredPort(upstream string) (file, port string) {
	c, err := sam.ReadConfig(w.dir, "")
	if err != nil || c.Port == "" || c.Port == portOf(upstream) {
		return "", ""
	}
	return filepath.Base(c.File), c.Port
}

// nowhere says where SAM's configuration has SAM local listen on what is no host or
// no port; none otherwise.
func (w world) nowhere() []string {
	c, err := sam.ReadConfig(w.dir, "")
	if err != nil || !c.Nowhere {
		return nil
	}
	return []string{"and correct the host or the port that " + filepath.Base(c.File) + " has for it: one of them is none"}
}

// elsewhere explains a refused connection where SAM local, started as the advice
// has it, would listen on another port ([proxy.Config.Refine]).
func (s *service) elsewhere(_ proxy.Exchange, d diagnosis.Diagnosis) diagnosis.Diagnosis {
	upstream := s.config.Upstream
	if d.Code != diagnosis.UpstreamRefused || strings.HasPrefix(upstream, "https:") {
		return d // before a file is read
	}
	file, other := s.world.configuredPort(upstream)
	if other == "" {
		return d
	}
	instead := ""
	if isLocal(upstream) && !s.world.inContainer {
		instead = other
	}
	return diagnosis.ConfiguredElsewhere(d, file, other, portOf(upstream), instead)
}

// isLocal reports whether an upstream is on this machine's own loopback, where
// alone SAM local listens unless it is told otherwise.
func isLocal(upstream string) bool {
	u, err := url.Parse(upstream)
	if err != nil {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// isRefused knows the error of Windows too, which is not syscall.ECONNREFUSED.
func isRefused(err error) bool {
	const wsaECONNREFUSED = syscall.Errno(10061)
	return errors.Is(err, syscall.ECONNREFUSED) || runtime.GOOS == "windows" && errors.Is(err, wsaECONNREFUSED)
}

func configName(c *config.Loaded) string {
	if !c.Found {
		return ""
	}
	return c.File
}

// reachable returns the URL under which this machine reaches the address, and
// whether others can too because it is every interface.
func reachable(at net.Addr) (address string, everywhere bool) {
	host, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return at.String(), false
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		return "http://localhost:" + port, true
	}
	return "http://" + net.JoinHostPort(host, port), false
}

// knock reports whether the upstream takes connections. It sends nothing: a
// request could start a function.
func knock(ctx context.Context, upstream string, timeout time.Duration) error {
	u, err := url.Parse(upstream)
	if err != nil {
		return err
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	conn, err := http1.Dial(ctx, u)
	if err != nil {
		return err
	}
	return conn.Close()
}

// callers says who may call. A policy decides on what needs a preflight, and on
// who may read the answers as far as it sets their headers. The rest any page
// may send, as browsers ask nobody: a form, a POST of plain text, a WebSocket.
func callers(c *config.Loaded) string {
	origins := c.CORS.AllowOrigins
	var text string
	switch {
	case c.CORS.Source == "upstream":
		text = "the upstream answers OPTIONS, and says who may send what needs a preflight"
	case c.CORS.Source == "template":
		text = "preflights are answered as the deployed APIs would; the template says who may send what needs one"
	case len(origins) > 0 && origins[0] == "*":
		text = "any site may call; --allow-origin localhost limits what needs a preflight to pages of this machine"
	default:
		text = limited(c.CORS)
	}
	switch n := len(c.Routes); n {
	case 0:
	case 1:
		text += "; one path has settings of its own"
	default:
		text += fmt.Sprintf("; %d paths have settings of their own", n)
	}
	return text
}

// limited says what the pages of some origins alone may do.
func limited(c config.CORS) string {
	text := "no other site"
	if len(c.AllowOrigins) > 0 {
		text = strings.Join(originNames(c.AllowOrigins), ", ")
	}
	text += " may send what needs a preflight"
	if c.AllowCredentials {
		text += ", also with credentials"
	}
	switch c.ResponseHeaders {
	case "replace":
		return text + ", and read the answers; any page may send the rest"
	case "fill":
		return text + ", and read answers that the upstream gives no Access-Control headers; any page may send the rest"
	}
	return text + "; any page may send the rest, and the upstream says who may read the answers"
}

// originNames returns the origins in words, the first few of them.
func originNames(origins []string) []string {
	const most = 4
	var names []string
	for i, o := range origins {
		switch {
		case i == most && len(origins) > most+1:
			return append(names, fmt.Sprintf("%d more", len(origins)-most))
		case o == "localhost":
			names = append(names, "pages of this machine (localhost, any port)")
		case o == "null":
			names = append(names, "pages without an origin (null)")
		default:
			names = append(names, o)
		}
	}
	return names
}
