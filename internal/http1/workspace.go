package http1

import (
	"bufio"
	"io"
	"net/http"
	"sync"
)

// A workspace is the memory that a connection needs for an exchange. Who waits
// for a request holds none, and who has one gets what was used last, which is
// still in the processor's caches.
type workspace struct {
	br      *bufio.Reader // of source
	bw      *bufio.Writer // of the connection
	buf     []byte        // of the head being read
	scratch []byte        // what is written next
	headers headers

	source source
	ahead  [bufferSize]byte
}

const (
	bufferSize = 4 << 10
	// mostHeld is how large a buffer may be that is kept for another head.
	mostHeld = 64 << 10
)

// A source is a connection of which the beginning has been read already.
type source struct {
	ahead []byte
	rest  io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.ahead) == 0 {
		return s.rest.Read(p)
	}
	n := copy(p, s.ahead)
	s.ahead = s.ahead[n:]
	return n, nil
}

var workspaces = sync.Pool{New: func() any {
	w := new(workspace)
	w.br = bufio.NewReaderSize(&w.source, bufferSize)
	w.bw = bufio.NewWriterSize(nil, bufferSize)
	return w
}}

// takeWorkspace makes sure that there is one.
func (c *conn) takeWorkspace() {
	if c.workspace != nil {
		return
	}
	c.workspace = workspaces.Get().(*workspace)
	c.source = source{rest: c.nc}
	c.br.Reset(&c.source)
	c.bw.Reset(c.nc)
}

// giveWorkspace gives back the workspace, which holds nothing any more.
func (c *conn) giveWorkspace() {
	w := c.workspace
	if w == nil {
		return
	}
	c.workspace = nil
	if cap(w.buf) > mostHeld {
		w.buf = nil
	}
	if cap(w.scratch) > mostHeld {
		w.scratch = nil
	}
	w.source = source{}
	w.bw.Reset(nil)
	workspaces.Put(w)
}

// takeAhead returns where to read the first bytes of a request.
func (c *conn) takeAhead() []byte {
	c.takeWorkspace()
	return c.ahead[:]
}

func (c *conn) giveAhead([]byte) { c.giveWorkspace() }

// headers are the maps of an exchange. A handler must not keep them, so that the
// next exchange can have them.
type headers struct{ request, response http.Header }

// take returns headers that are empty, and leaves none.
func (h *headers) take() headers {
	taken := *h
	*h = headers{}
	if taken.request == nil {
		taken.request, taken.response = make(http.Header, 16), make(http.Header, 8)
	}
	return taken
}

// cleared returns h to be used again; none where one is large.
func (h headers) cleared() headers {
	const most = 64
	if len(h.request) > most || len(h.response) > most {
		return headers{}
	}
	clear(h.request)
	clear(h.response)
	return h
}
