//go:build unix

package child_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/corsproxy/corsproxy/internal/child"
)

// roles are what the test binary can be. Each returns an exit code.
var roles = map[string]func() int{
	"exit": func() int {
		code, _ := strconv.Atoi(os.Getenv("CODE"))
		return code
	},
	"signal": func() int {
		n, _ := strconv.Atoi(os.Getenv("CODE"))
		_ = syscall.Kill(os.Getpid(), syscall.Signal(n))
		select {}
	},
	"write": func() int {
		fmt.Fprint(os.Stdout, os.Getenv("OUT"))
		fmt.Fprint(os.Stderr, os.Getenv("ERR"))
		return 0
	},
	"args":     func() int { fmt.Printf("%q", os.Args[1:]); return 0 },
	"terminal": terminalRole,
	"secret":   secretRole,
	"keys":     keysRole,
	"copy":     func() int { _, _ = io.Copy(os.Stdout, os.Stdin); return 0 },
	"wait":     func() int { report("child"); select {} },
	"listen":   listenRole,
	"deaf":     func() int { deaf(); report("deaf"); select {} },
	"parent":   func() int { deaf(); spawn("deaf", false); report("parent"); select {} },
	"polite": func() int {
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		spawn("deaf", false)
		report("polite")
		<-interrupted
		return 7
	},
	"daemons": func() int { spawn("fork", true); report("parent"); select {} },
	// A daemon: its parent ends, and it has a session of its own.
	"fork":    func() int { spawn("deaf", true); return 0 },
	"program": programRole,
}

// deaf has a process hear of no request to end.
func deaf() { signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP) }

// listenRole listens, and reports as the address.
func listenRole() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	report(l.Addr().String())
	select {}
}

func spawn(r string, session bool) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), role+"="+r)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: session}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
}

// terminalRole says what standard output and error are, and what it reads.
func terminalRole() int {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		fmt.Fprintf(f2(f), "%s: %v\n", f.Name(), term.IsTerminal(int(f.Fd())))
	}
	size := func() {
		w, h, _ := term.GetSize(2)
		fmt.Fprintf(os.Stderr, "size: %d %d\n", w, h)
	}
	size()
	if tty, err := os.Open("/dev/tty"); err == nil {
		fmt.Fprintf(os.Stderr, "controlled\n")
		tty.Close()
	}
	if os.Getenv("RESIZE") != "" {
		<-resized
		size()
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			fmt.Fprintf(os.Stderr, "end: %v\n", err)
			return 0
		}
		fmt.Fprintf(os.Stderr, "read: %q\n", line)
	}
}

// secretRole asks for a password as getpass(3) does, and then for a name.
func secretRole() int {
	in := bufio.NewReader(os.Stdin)
	for _, what := range []string{"password", "name"} {
		mode, err := unix.IoctlGetTermios(0, child.GetTermios)
		if err != nil {
			return 1
		}
		quiet := *mode
		if what == "password" {
			quiet.Lflag &^= unix.ECHO
		}
		_ = unix.IoctlSetTermios(0, child.SetTermios, &quiet)
		fmt.Fprintf(os.Stderr, "%s: ", what)
		line, _ := in.ReadString('\n')
		_ = unix.IoctlSetTermios(0, child.SetTermios, mode)
		fmt.Fprintf(os.Stderr, "read %d bytes\n", len(line))
	}
	return 0
}

// keysRole reads keys as they are typed.
func keysRole() int {
	mode, err := term.MakeRaw(0)
	if err != nil {
		return 1
	}
	defer func() { _ = term.Restore(0, mode) }()
	fmt.Fprint(os.Stderr, "keys: ")
	var key [1]byte
	for key[0] != 'q' {
		if _, err := os.Stdin.Read(key[:]); err != nil {
			return 1
		}
		fmt.Fprintf(os.Stderr, "%q ", key)
	}
	return 0
}

// f2 is where to write about f: standard input cannot be written.
func f2(f *os.File) *os.File {
	if f == os.Stdin {
		return os.Stderr
	}
	return f
}

// programRole is a program with a child, to be killed.
func programRole() int {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	p, err := child.Command{
		Args:   []string{self},
		Env:    append(os.Environ(), role+"="+os.Getenv("CHILD")),
		Output: child.NewWeave(os.Stdout, os.Stderr, 0),
		Input:  child.NewInput(os.Stdin),
		Grace:  child.Grace{Gentle: 50 * time.Millisecond, Firm: 50 * time.Millisecond},
	}.Start()
	if err != nil {
		panic(err)
	}
	report("program")
	return p.Exit().Code
}
