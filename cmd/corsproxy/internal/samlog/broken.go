package samlog

import (
	"regexp"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/internal/sam"
)

const (
	// mostParts is into how many lines a terminal may break a Mounting line.
	mostParts = 8
	// mostReadings bounds the ways to put them together.
	mostReadings = 256
	// mostWasted bounds the readings in a minute that came to nothing, in bytes.
	// SAM's own lines waste next to none; a function may print what a web page has
	// sent.
	mostWasted = 1 << 20
)

// mountsFolder is what SAM prints of a folder that a container gets, at each of
// its starts.
var mountsFolder = regexp.MustCompile(`^Mounting (?:/|[A-Za-z]:)`)

// A broken Mounting line is one that SAM CLI has broken to fit a terminal. It
// breaks at blanks, which are lost, and within what is longer than a line, where
// nothing is; what is short it fills with blanks.
type broken struct {
	parts    int
	number   int      // of the first line
	prefixed bool     // something stands before the first line, and perhaps before each
	readings []string // what the parts may be together

	tried  int // bytes of this line's readings
	wasted int // bytes of those of earlier lines, which were none
	since  time.Time

	passedOver bool // a line, for which nothing was left to waste
}

func (b *broken) begun() bool { return b.parts > 0 }

// end forgets the line, which has come to nothing.
func (b *broken) end() {
	*b = broken{wasted: b.wasted + b.tried, since: b.since, passedOver: b.passedOver}
}

// begin begins a line, of which the first part is text.
func (b *broken) begin(text string, number int, prefixed bool) {
	b.end()
	if now := time.Now(); now.Sub(b.since) > time.Minute {
		b.wasted, b.since = 0, now
	}
	if b.passedOver = b.passedOver || b.wasted >= mostWasted; b.wasted < mostWasted {
		b.parts, b.number, b.prefixed, b.readings = 1, number, prefixed, []string{text}
	}
}

// add takes the next line, which is no other that matters, and what it is without
// its prefix. It returns the routes where that completes a Mounting line.
func (b *broken) add(line, bare string, number int) (routes []sam.Route, port string, ok bool) {
	switch text := strings.TrimRight(bare, " "); {
	case text == "Mounting" || strings.HasPrefix(text, "Mounting ") && !mountsFolder.MatchString(text):
		b.begin(bare, number, bare != line)
		return nil, "", false
	case !b.begun():
		return nil, "", false
	}
	// With --debug, SAM puts the time before the first line alone; what passes a log
	// on puts something before each. Methods in brackets look like the latter.
	next := []string{line}
	if b.prefixed && bare != line {
		next = append(next, bare)
	}
	var longer []string
	for _, before := range b.readings {
		whole := strings.TrimRight(before, " ")
		for _, part := range next {
			if whole == before {
				longer = append(longer, before+part)
			}
			longer = append(longer, whole+" "+part)
		}
	}
	for _, text := range longer {
		b.tried += len(text)
		if !strings.HasSuffix(strings.TrimRight(text, " "), "]") {
			continue // most parts are none that end the line, and reading one takes long
		}
		if routes, port, ok := sam.ParseMounting(text); ok {
			b.tried = 0
			return routes, port, true
		}
	}
	b.readings = longer
	if b.parts++; b.parts == mostParts || len(longer) > mostReadings || len(longer[0]) > maxLine {
		b.end()
	}
	return nil, "", false
}
