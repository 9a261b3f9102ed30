//go:build unix

package child

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// A tree is a guard and what it guards.
type tree struct {
	pid       int // of the command
	guard     *exec.Cmd
	orders    *os.File
	terminals []*terminal
}

// A channel is a way on which the command writes.
type channel struct {
	read, write *os.File
	to          io.Writer
	terminal    *terminal // nil for a pipe
}

// Start starts the command behind a guard. The error is a [*StartError] where
// it is the command's own.
func (c Command) Start() (*Process, error) {
	path, err := find(c.Args[0], c.Dir, c.Env)
	if err != nil {
		return nil, err
	}
	channels, err := c.channels()
	defer closeWrites(channels)
	if err != nil {
		closeReads(channels)
		return nil, err
	}
	p := newProcess()
	reports, err := p.start(c, path, channels)
	if err != nil {
		c.Input.end()
		closeReads(channels)
		return nil, err
	}
	c.Output.Begin()
	var readers []*os.File
	for _, ch := range channels {
		p.pass(ch.read, ch.to, c.copy())
		readers = append(readers, ch.read)
	}
	go p.wait(c, reports, readers)
	return p, nil
}

func (c Command) copy() io.Writer {
	if c.Copy == nil {
		return io.Discard
	}
	return c.Copy
}

// channels returns one channel for standard output and one for standard error,
// or one for both where both lead to the same place: what is written to them
// then stays in order.
func (c Command) channels() ([]channel, error) {
	w := c.Output
	type end struct {
		outer io.Writer
		to    io.Writer
	}
	ends := []end{{w.stdout, w.Stdout()}, {w.stderr, w.Stderr()}}
	if w.shared {
		ends = ends[1:]
	}
	var out []channel
	for _, e := range ends {
		ch := channel{to: e.to}
		var err error
		if t, ok := terminalOf(e.outer); ok {
			ch.terminal = t
			ch.read, ch.write, err = t.open()
		} else {
			ch.read, ch.write, err = os.Pipe()
		}
		if err != nil {
			return out, err
		}
		out = append(out, ch)
	}
	return out, nil
}

// isPipe reports whether another program may read what is written to w.
func isPipe(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

func closeWrites(channels []channel) {
	for _, ch := range channels {
		_ = ch.write.Close()
	}
}

func closeReads(channels []channel) {
	for _, ch := range channels {
		_ = ch.read.Close()
	}
}

// start starts the guard and waits for its first report. It returns where the
// last one comes from.
func (p *Process) start(c Command, path string, channels []channel) (*json.Decoder, error) {
	out, errOut := channels[0], channels[len(channels)-1]
	m := mission{Drains: len(channels)}
	grace := cmp.Or(c.Grace, DefaultGrace)
	m.Gentle, m.Firm = grace.Gentle, grace.Firm
	switch {
	case errOut.terminal != nil:
		m.Terminal, m.Ctty = true, 2
	case out.terminal != nil:
		m.Terminal, m.Ctty = true, 1
	}
	self, err := executable()
	if err != nil {
		return nil, err
	}
	guardOrders, orders, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer guardOrders.Close()
	reports, guardReports, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, orders.Close())
	}
	defer guardReports.Close()
	g := &exec.Cmd{
		Path: self, Env: c.Env, Dir: c.Dir,
		Stdout: out.write, Stderr: errOut.write,
		ExtraFiles:  []*os.File{guardOrders, guardReports},
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true}, // what the terminal sends is not for it
	}
	stdin, done, err := c.Input.connect(channels, isPipe(c.Output.stdout) || isPipe(c.Output.stderr))
	if err != nil {
		return nil, errors.Join(err, orders.Close(), reports.Close())
	}
	defer done()
	if stdin != nil {
		g.Stdin = stdin
	}
	for _, ch := range channels {
		drain, err := duplicate(ch.read)
		if err != nil {
			return nil, errors.Join(err, orders.Close(), reports.Close())
		}
		defer drain.Close()
		g.ExtraFiles = append(g.ExtraFiles, drain)
	}
	if m.Typed = c.Input.hush(); m.Typed != nil {
		g.ExtraFiles = append(g.ExtraFiles, c.Input.file)
	}
	order, err := json.Marshal(m)
	if err == nil {
		g.Args = append([]string{guardName, string(order), path}, c.Args...)
		err = g.Start()
	}
	if err != nil {
		return nil, errors.Join(err, orders.Close(), reports.Close())
	}
	p.tree = tree{guard: g, orders: orders}
	for _, ch := range channels {
		// Passing it on has made it block, and closing would not end a read.
		_ = setNonblock(ch.read)
		if ch.terminal != nil {
			p.terminals = append(p.terminals, ch.terminal)
		}
	}
	return p.started(c, json.NewDecoder(reports), reports)
}

// started reads whether the guard could start the command.
func (p *Process) started(c Command, decoder *json.Decoder, reports *os.File) (*json.Decoder, error) {
	var first report
	if err := decoder.Decode(&first); err == nil && first.PID != 0 {
		p.pid = first.PID
		return decoder, nil
	}
	_ = p.orders.Close()
	_ = reports.Close()
	_ = p.guard.Wait() // its exit code says less than the report
	if first.Errno == 0 {
		return nil, errors.New("the guard of the command did not start")
	}
	code := ExitCannotRun
	if first.Errno == syscall.ENOENT { // the interpreter that the first line names
		code = ExitNotFound
	}
	return nil, &StartError{c.Args[0], code, first.Errno}
}

// wait waits for the end of the tree.
func (p *Process) wait(c Command, reports *json.Decoder, readers []*os.File) {
	var last report
	if err := reports.Decode(&last); err != nil || !last.Ended {
		// Somebody killed the guard. The kernel has killed the command, or will
		// not; what is in its group goes now.
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		last = report{Code: 128 + int(syscall.SIGKILL), Signal: int(syscall.SIGKILL)}
	}
	_ = p.guard.Wait() // it exits with the command's code
	_ = p.orders.Close()
	c.Input.end()
	exit := Exit{Code: last.Code}
	if last.Signal != 0 {
		exit.Signal = unix.SignalName(syscall.Signal(last.Signal))
	}
	p.finish(exit, c.Output, readers)
}

// give gives the guard an order; it does nothing where the tree has ended.
func (p *Process) give(o order) { _, _ = p.orders.Write([]byte{o}) }

// Interrupt asks the command and its process group to end, as Ctrl-C does on a
// terminal (SIGINT).
func (p *Process) Interrupt() { p.give(orderInterrupt) }

// Terminate asks the whole tree to end (SIGTERM).
func (p *Process) Terminate() { p.give(orderTerminate) }

// Kill ends the whole tree at once.
func (p *Process) Kill() { p.give(orderKill) }

// Suspend stops the whole tree until Continue.
func (p *Process) Suspend() { p.give(orderSuspend) }

// Continue lets a tree go on that Suspend has stopped.
func (p *Process) Continue() { p.give(orderContinue) }

// Resize tells the command that the size of the terminal has changed.
func (p *Process) Resize() {
	for _, t := range p.terminals {
		t.resize()
	}
	p.give(orderResize)
}

// duplicate returns another descriptor of f.
func duplicate(f *os.File) (*os.File, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, dupErr := 0, error(nil)
	if err := conn.Control(func(old uintptr) { fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return nil, err
	}
	if dupErr != nil {
		return nil, os.NewSyscallError("fcntl", dupErr)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

func setNonblock(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = syscall.SetNonblock(int(fd), true) }); err != nil {
		return err
	}
	return result
}
