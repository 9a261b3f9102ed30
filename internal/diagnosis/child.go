package diagnosis

import (
	"fmt"
	"net/url"
	"time"

	"github.com/corsproxy/corsproxy/internal/shell"
)

// A Child is what is known of the command that corsproxy started as its
// upstream.
type Child struct {
	Command   string        // its name alone: any page gets it in a body, and its arguments may have secrets
	Upstream  string        // its address; "" where that is not known
	Taken     string        // where it is to listen, and something else does; "" where nothing does
	Says      string        // the address that its output names, where Upstream is another one, which the user named
	Moved     string        // the address that its output has named since it was ready, and where connections are taken; "" where there is none
	Elsewhere string        // a URL in its output that may be another machine's; "" where there is none
	Port      string        // on which it may listen where Upstream is not known; "" where nothing tells
	PortBy    PortSource    // what tells Port
	Waited    time.Duration // by the request; 0 where none waits yet
	Restarts  bool          // it is being started again
	Cut       bool          // a request, by having been ended to be started again
	Ended     bool
	Exit      string   // how it ended: "exit code 1", "SIGKILL"
	Trouble   *Trouble // the last in its log; nil where there is none
}

// A PortSource is what tells the port of a child whose address is not known.
type PortSource string

// The sources of a port.
const (
	PortHeld      PortSource = "socket"     // the only one on which its tree listens
	PortArgument  PortSource = "argument"   // a number that may be one
	PortSAMConfig PortSource = "SAM config" // of SAM local, which a script may start
)

// retryAfter is when a request is worth another try while a child starts.
const retryAfter = 5 * time.Second

// NotReady explains why a request that waited for the child is not forwarded,
// or would not be.
func (c Child) NotReady() Diagnosis {
	code, why, hint := c.wait()
	if c.Waited > 0 {
		why += fmt.Sprintf("; this request waited %v (child.ready_timeout)", c.Waited.Round(100*time.Millisecond))
	}
	d := childDiagnosis(code, why)
	d.RetryAfter = retryAfter
	if hint != "" {
		d.Hints = append(d.Hints, hint)
	}
	c.Trouble.noteIn(&d)
	d.Hints = append(d.Hints, "look at its output, in the terminal of corsproxy")
	return d
}

// wait says what a request waits for, and what to do about it.
func (c Child) wait() (code Code, why, hint string) {
	command := show(c.Command)
	switch {
	case c.Restarts:
		return ChildNotReady, command + " is being started again", ""
	case c.Taken != "":
		return ChildNotReady, fmt.Sprintf("what listens at %s is not %s: it listened there before", c.Taken, command),
			"end it, or give the command another port; or, if it is the upstream, leave out the command:\ncorsproxy --upstream " + portOf(c.Taken)
	case c.Upstream != "" && c.Says != "":
		return ChildNotReady, fmt.Sprintf("the output of %s names %s, and --upstream names %s, which takes no connections yet", command, c.Says, c.Upstream),
			"if what the output names is the upstream, leave out --upstream, or name it, " + beforeCommand + ":\n--upstream " + portOf(c.Says)
	case c.Upstream != "":
		return ChildNotReady, fmt.Sprintf("%s does not take requests at %s yet", command, c.Upstream), ""
	case c.Elsewhere != "":
		return ChildNowhere, fmt.Sprintf("the output of %s names %s, which may be another machine, and corsproxy goes to another one only if it is told to", command, show(c.Elsewhere)),
			"if it is the upstream, name it, " + beforeCommand + ":\n--upstream " + shell.Word(show(c.Elsewhere))
	}
	why, hint = c.nowhere()
	return ChildNowhere, command + why, hint
}

// beforeCommand is where flags of corsproxy's own stand.
const beforeCommand = "before the -- of corsproxy's command line"

// nowhere says that it is not known where the child listens. What tells a port
// is a guess, and the output may still tell: a script may be about to start
// SAM local.
func (c Child) nowhere() (why, hint string) {
	const later = "if its output never does, name the address, " + beforeCommand
	why = " runs, and neither its arguments nor its output say yet where it listens"
	switch c.PortBy {
	case PortHeld:
		return " listens on port " + c.Port + ", and neither its arguments nor its output say yet that requests are to go there",
			"if they are, name the address, " + beforeCommand + ":\n--upstream " + c.Port
	case PortArgument:
		return why, later + "; a number among the arguments may be its port:\n--upstream " + c.Port
	case PortSAMConfig:
		return why, later + "; the samconfig of its folder has this port for SAM local:\n--upstream " + c.Port
	}
	return why, later + ", such as --upstream 3000"
}

// portOf returns the port of a URL that has one.
func portOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Port()
}

// Gone explains why a request cannot be forwarded to a child that has ended.
func (c Child) Gone() Diagnosis {
	d := childDiagnosis(ChildEnded, fmt.Sprintf("%s has ended (%s), and corsproxy ends too", show(c.Command), c.Exit))
	c.Trouble.noteIn(&d)
	d.Hints = append(d.Hints, "read the last lines of its output, and start corsproxy again")
	return d
}

// Refine adds to d, which says that the child could not be reached or broke
// off, what is known of the child.
func (c Child) Refine(d Diagnosis) Diagnosis {
	switch {
	case c.Cut && d.Code == UpstreamBodyCut:
		d.Detail = fmt.Sprintf("%s was ended before the end of its answer, to be started again, since the template has changed", show(c.Command))
		d.Hints = []string{"check whether the request has had an effect, and send it again"}
		return d
	case d.Code != UpstreamRefused && d.Code != UpstreamClosed:
		return d
	case c.Ended:
		return c.Gone()
	case c.Restarts && d.Code == UpstreamRefused:
		return c.NotReady()
	case c.Cut:
		d.Detail = fmt.Sprintf("%s was ended before it answered, to be started again, since the template has changed", show(c.Command))
		d.Hints = []string{"check whether the request has had an effect, and send it again"}
		return d
	}
	if d.Code == UpstreamRefused {
		// It need not be started: it was.
		d.Detail = fmt.Sprintf("nothing listens at %s any more, although %s runs", c.Upstream, show(c.Command))
		d.Hints = []string{"check in its output whether it starts anew, and send the request again"}
		if c.Moved != "" {
			d.Detail += fmt.Sprintf("; its output has named %s since, which takes connections", c.Moved)
			d.Hints = append([]string{"if that is where its server has started anew, start corsproxy again; the server should have a port that it always takes"}, d.Hints...)
		}
	}
	c.Trouble.noteIn(&d)
	return d
}

func childDiagnosis(code Code, detail string) Diagnosis {
	info, _ := Lookup(code)
	return Diagnosis{Code: code, Status: info.Status, Detail: detail}
}
