package child

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A tree is a job object: what the command starts is in it too, and all of it
// ends when the last handle is closed, which the end of the program does.
type tree struct {
	pid int
	cmd *exec.Cmd
	job windows.Handle
	mu  sync.Mutex // guards job
}

// keyboard is nothing: the command has the console itself.
type keyboard struct{}

// Echo does nothing here.
func (in *Input) Echo(os.Signal) {}

// Suspend does nothing here.
func (in *Input) Suspend() {}

// Resume does nothing here.
func (in *Input) Resume() {}

// IsGuard is false: here nothing needs one.
func IsGuard([]string) bool { return false }

// Guard is never called here.
func Guard([]string) int { return 1 }

// Start starts the command. The error is a [*StartError] where it is the
// command's own.
func (c Command) Start() (*Process, error) {
	path, err := find(c.Args[0], c.Dir, c.Env)
	if err != nil {
		return nil, err
	}
	job, err := newJob()
	if err != nil {
		return nil, err
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, windows.CloseHandle(job))
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, outRead.Close(), outWrite.Close(), windows.CloseHandle(job))
	}
	cmd := &exec.Cmd{
		Path: path, Args: c.Args, Env: c.Env, Dir: c.Dir, Stdout: outWrite, Stderr: errWrite,
		// It must be in the job before it can start others. Ctrl-C is for the
		// program, which passes it on as Ctrl-Break.
		SysProcAttr: &syscall.SysProcAttr{CreationFlags: windows.CREATE_SUSPENDED | windows.CREATE_NEW_PROCESS_GROUP},
	}
	if c.Input != nil {
		cmd.Stdin = c.Input.file
	}
	err = cmd.Start()
	err = errors.Join(err, outWrite.Close(), errWrite.Close())
	if err == nil {
		if err = enter(job, cmd.Process.Pid); err != nil {
			err = errors.Join(err, cmd.Process.Kill())
		}
	}
	if err != nil {
		_, _ = outRead.Close(), errRead.Close()
		_ = windows.CloseHandle(job)
		return nil, &StartError{c.Args[0], ExitCannotRun, err}
	}
	p := newProcess()
	p.pid, p.cmd, p.job = cmd.Process.Pid, cmd, job
	c.Output.Begin()
	also := c.Copy
	if also == nil {
		also = io.Discard
	}
	p.pass(outRead, c.Output.Stdout(), also)
	p.pass(errRead, c.Output.Stderr(), also)
	go p.wait(c, outRead, errRead)
	return p, nil
}

func newJob() (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, os.NewSyscallError("CreateJobObject", err)
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return 0, errors.Join(os.NewSyscallError("SetInformationJobObject", err), windows.CloseHandle(job))
	}
	return job, nil
}

// ntResumeProcess lets all threads of a process run. The documented way needs
// the handle of the first thread, which package os closes.
var ntResumeProcess = windows.NewLazySystemDLL("ntdll.dll").NewProc("NtResumeProcess")

// enter puts a suspended process into the job and lets it run.
func enter(job windows.Handle, pid int) error {
	const access = windows.PROCESS_SET_QUOTA | windows.PROCESS_TERMINATE | windows.PROCESS_SUSPEND_RESUME
	h, err := windows.OpenProcess(access, false, uint32(pid))
	if err != nil {
		return os.NewSyscallError("OpenProcess", err)
	}
	defer windows.CloseHandle(h)
	if err := windows.AssignProcessToJobObject(job, h); err != nil {
		return os.NewSyscallError("AssignProcessToJobObject", err)
	}
	if status, _, _ := ntResumeProcess.Call(uintptr(h)); status != 0 {
		return os.NewSyscallError("NtResumeProcess", windows.NTStatus(status))
	}
	return nil
}

// wait waits for the end of the command, and ends what it has left behind.
func (p *Process) wait(c Command, readers ...*os.File) {
	_ = p.cmd.Wait() // the code is in ProcessState
	p.mu.Lock()
	_ = windows.CloseHandle(p.job)
	p.job = 0
	p.mu.Unlock()
	p.finish(Exit{Code: p.cmd.ProcessState.ExitCode()}, c.Output, readers)
}

// Interrupt asks the command to end, by Ctrl-Break: Ctrl-C cannot be sent to
// one process group.
func (p *Process) Interrupt() {
	_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.pid))
}

// Terminate is Interrupt, as there is nothing between it and Kill.
func (p *Process) Terminate() { p.Interrupt() }

// Kill ends the whole tree at once.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.job != 0 {
		_ = windows.TerminateJobObject(p.job, 1)
	}
}

// Suspend does nothing here.
func (p *Process) Suspend() {}

// Continue does nothing here.
func (p *Process) Continue() {}

// Resize does nothing here.
func (p *Process) Resize() {}
