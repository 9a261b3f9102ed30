//go:build unix

package child

// The system's requests for a terminal's mode.
const (
	GetTermios = getTermios
	SetTermios = setTermios
)
