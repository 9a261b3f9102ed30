package child

import (
	"io"
	"os"
)

// An Input is what commands read: a file or pipe as it is, or what is typed on
// a terminal. One command at a time reads it.
type Input struct {
	file *os.File
	keyboard
}

// NewInput returns the input that r is; nil where no command could read it.
func NewInput(r io.Reader) *Input {
	if f, ok := r.(*os.File); ok {
		return &Input{file: f}
	}
	return nil
}
