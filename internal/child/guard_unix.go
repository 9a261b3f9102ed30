//go:build unix

package child

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// guardName is what the guard's arguments begin with. It shows in ps. A mission
// follows, the path of the command, and the command's arguments as they are.
const guardName = "corsproxy-guard"

// The files of a guard, beside standard input, output and error, which are the
// command's.
const (
	fdOrders  = 3 // orders come here; its end is the end of the program
	fdReports = 4 // reports go there
	fdDrains  = 5 // and up: what the command's output is read from, if the program cannot any more
)

// A mission is what a guard is to do, the second of its arguments.
type mission struct {
	Terminal bool // standard error, or else standard output, becomes the controlling terminal
	Ctty     int  // which of the two
	Drains   int
	Typed    *unix.Termios // the mode of the real terminal, whose file comes after the drains; nil where it is not changed
	Gentle   time.Duration
	Firm     time.Duration
}

// A report is a line that a guard writes.
type report struct {
	PID    int           `json:",omitempty"` // the command runs
	Errno  syscall.Errno `json:",omitempty"` // it could not be started
	Ended  bool          `json:",omitempty"`
	Code   int           `json:",omitempty"`
	Signal int           `json:",omitempty"`
}

// An order is a byte that a guard reads.
type order = byte

const (
	orderInterrupt order = 'i'
	orderTerminate order = 't'
	orderKill      order = 'k'
	orderSuspend   order = 's'
	orderContinue  order = 'c'
	orderResize    order = 'w'
)

// IsGuard reports whether args, the program's, are a guard's. The program then
// does nothing but exit with what [Guard] returns.
func IsGuard(args []string) bool { return len(args) > 3 && args[0] == guardName }

// Guard starts a command, ends its tree when it or the program has ended, and
// returns the exit code. Args are the program's.
func Guard(args []string) int {
	// The kernel kills the command when the thread ends that started it.
	runtime.LockOSThread()
	var m mission
	if err := json.Unmarshal([]byte(args[1]), &m); err != nil {
		return ExitCannotRun
	}
	// What a terminal sends, or a user to all processes of a name, is for the
	// program to pass on. Ignored signals would be ignored by the command too,
	// so they are taken and dropped.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGUSR2)
	for fd := fdOrders; fd <= fdDrains+m.Drains; fd++ {
		syscall.CloseOnExec(fd)
	}
	adoptOrphans()
	g := &guard{
		mission: m,
		reports: json.NewEncoder(os.NewFile(fdReports, "reports")),
		orders:  make(chan order),
		lost:    make(chan struct{}),
		ended:   make(chan syscall.WaitStatus, 1),
		alone:   make(chan struct{}),
	}
	pid, err := g.start(args[2], args[3:])
	if err != nil {
		errno, _ := err.(syscall.Errno)
		_ = g.reports.Encode(report{Errno: errno})
		return ExitCannotRun
	}
	_ = g.reports.Encode(report{PID: pid})
	g.pid = pid
	g.closeStandard()
	go g.listen(os.NewFile(fdOrders, "orders"))
	go g.reap()
	return g.watch()
}

type guard struct {
	mission
	pid     int // of the command, and its process group
	reports *json.Encoder
	orders  chan order
	lost    chan struct{}           // closed when the program has ended
	ended   chan syscall.WaitStatus // the command's
	alone   chan struct{}           // closed when no child is left

	suspended bool
}

func (g *guard) start(path string, args []string) (int, error) {
	attr := &syscall.SysProcAttr{Setsid: true}
	if g.Terminal {
		attr.Setctty, attr.Ctty = true, g.Ctty
	}
	dieWithParent(attr)
	return syscall.ForkExec(path, args, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: attr})
}

// closeStandard closes the guard's hold on the command's input and output, so
// that their other ends see when the tree is gone.
func (g *guard) closeStandard() {
	null, err := syscall.Open("/dev/null", syscall.O_RDWR, 0)
	for fd := range 3 {
		if err != nil || dup(null, fd) != nil {
			_ = syscall.Close(fd)
		}
	}
	if err == nil && null > 2 {
		_ = syscall.Close(null)
	}
}

// listen takes orders until the program ends.
func (g *guard) listen(orders io.Reader) {
	var b [1]byte
	for {
		if _, err := orders.Read(b[:]); err != nil {
			break
		}
		g.orders <- b[0]
	}
	if g.Typed != nil {
		signal.Ignore(syscall.SIGTTOU) // the guard is in the background
		restore(fdDrains+g.Drains, *g.Typed)
	}
	// Nobody reads the command's output any more; it must not wait for that
	// while it cleans up.
	for i := range g.Drains {
		go func() { _, _ = io.Copy(io.Discard, os.NewFile(uintptr(fdDrains+i), "output")) }()
	}
	close(g.lost)
}

// reap waits for the command and for all that it leaves behind.
func (g *guard) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil: // ECHILD
			close(g.alone)
			return
		case pid == g.pid:
			g.ended <- status
		}
	}
}

// watch carries out orders until the tree has ended.
func (g *guard) watch() int {
	var exit report
	var overdue <-chan time.Time
	lost, ended := g.lost, g.ended
	next := syscall.SIGTERM // what follows where a tree does not end in time
	for {
		select {
		case o := <-g.orders:
			g.obey(o)
		case <-lost:
			lost = nil
			if ended != nil { // or what is left is on its way out already
				g.end(syscall.SIGINT)
				overdue = time.After(g.Gentle)
			}
		case status := <-ended:
			ended = nil
			exit = reportOf(status)
			g.end(syscall.SIGTERM)
			next, overdue = syscall.SIGKILL, time.After(g.Firm)
		case <-overdue:
			g.end(next)
			wait := g.Firm
			if next == syscall.SIGKILL {
				wait = 50 * time.Millisecond // one may have forked meanwhile
			}
			next, overdue = syscall.SIGKILL, time.After(wait)
		case <-g.alone:
			if ended != nil {
				exit, ended = reportOf(<-ended), nil
			}
			if !g.left(&overdue) {
				_ = g.reports.Encode(exit)
				return exit.Code
			}
		}
	}
}

// left reports whether the command's process group lives on without a process
// that the guard could wait for, and arranges for its end. Where orphans are
// adopted there is no such group.
func (g *guard) left(overdue *<-chan time.Time) bool {
	if syscall.Kill(-g.pid, 0) != nil {
		return false
	}
	g.alone = make(chan struct{})
	again := g.alone
	time.AfterFunc(20*time.Millisecond, func() { close(again) })
	if *overdue == nil {
		*overdue = time.After(g.Firm)
	}
	return true
}

func (g *guard) obey(o order) {
	switch o {
	case orderInterrupt:
		g.end(syscall.SIGINT)
	case orderTerminate:
		g.end(syscall.SIGTERM)
	case orderKill:
		signalTree(g.pid, syscall.SIGKILL)
		// What was forked meanwhile goes the same way.
		g.orderAgain(orderKill)
	case orderSuspend:
		// Not SIGTSTP: a session without a shell has nobody to continue it, and
		// the kernel drops what would stop it.
		g.suspended = true
		signalTree(g.pid, syscall.SIGSTOP)
	case orderContinue:
		g.suspended = false
		signalTree(g.pid, syscall.SIGCONT)
	case orderResize:
		g.signal(syscall.SIGWINCH)
	}
}

func (g *guard) orderAgain(o order) {
	time.AfterFunc(50*time.Millisecond, func() { g.orders <- o })
}

// end asks the tree to end: its process group by an interrupt, as a terminal
// does it, and all of it by anything stronger.
func (g *guard) end(s syscall.Signal) {
	if s == syscall.SIGINT {
		g.signal(s)
	} else {
		signalTree(g.pid, s)
	}
	if g.suspended {
		g.suspended = false
		signalTree(g.pid, syscall.SIGCONT) // or it would not hear of it
	}
}

// signal sends s to the command's process group, as a terminal does.
func (g *guard) signal(s syscall.Signal) { _ = syscall.Kill(-g.pid, s) }

// signalTree sends s to the process group and to the descendants that have
// left it.
func signalTree(pid int, s syscall.Signal) {
	_ = syscall.Kill(-pid, s)
	for _, d := range descendants(os.Getpid()) {
		_ = syscall.Kill(d, s)
	}
}

func reportOf(status syscall.WaitStatus) report {
	if status.Signaled() {
		return report{Ended: true, Code: 128 + int(status.Signal()), Signal: int(status.Signal())}
	}
	return report{Ended: true, Code: status.ExitStatus()}
}
