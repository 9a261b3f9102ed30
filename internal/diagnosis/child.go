package diagnosis

import (
	"fmt"
	"time"
)

// A Child is what is known of the command that corsproxy started as its
// upstream.
type Child struct {
	Command  string        // as it was given
	Upstream string        // its address; "" where that is not known
	Waited   time.Duration // by the request
	Restarts bool          // it is being started again
	Ended    bool
	Exit     string   // how it ended: "exit code 1", "SIGKILL"
	Trouble  *Trouble // the last in its log; nil where there is none
}

// retryAfter is when a request is worth another try while a child starts.
const retryAfter = 5 * time.Second

// NotReady explains why a request that waited for the child is not forwarded.
func (c Child) NotReady() Diagnosis {
	code, why := ChildNotReady, ""
	switch {
	case c.Restarts:
		why = fmt.Sprintf("%s is being started again", show(c.Command))
	case c.Upstream == "":
		code = ChildNowhere
		why = fmt.Sprintf("%s runs, and neither its arguments nor its output say where it listens", show(c.Command))
	default:
		why = fmt.Sprintf("%s does not take requests at %s yet", show(c.Command), c.Upstream)
	}
	d := childDiagnosis(code, fmt.Sprintf("%s; this request waited %v (child.ready_timeout)", why, c.Waited.Round(100*time.Millisecond)))
	d.RetryAfter = retryAfter
	if code == ChildNowhere {
		d.Hints = append(d.Hints, "name the address:\ncorsproxy --upstream 3000 -- "+show(c.Command))
	}
	c.Trouble.noteIn(&d)
	d.Hints = append(d.Hints, "look at its output, in the terminal of corsproxy")
	return d
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
	case d.Code != UpstreamRefused && d.Code != UpstreamClosed:
		return d
	case c.Ended:
		return c.Gone()
	}
	if d.Code == UpstreamRefused {
		// It need not be started: it was.
		d.Detail = fmt.Sprintf("nothing listens at %s any more, although %s runs", c.Upstream, show(c.Command))
		d.Hints = []string{"check in its output whether it starts anew, and send the request again"}
	}
	c.Trouble.noteIn(&d)
	return d
}

func childDiagnosis(code Code, detail string) Diagnosis {
	info, _ := Lookup(code)
	return Diagnosis{Code: code, Status: info.Status, Detail: detail}
}
