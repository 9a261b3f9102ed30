package child

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Listening returns the sockets that listen on this machine. It is false where
// the system does not say.
func Listening() ([]Socket, bool) {
	var all []Socket
	known := false
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		table, err := os.ReadFile(name)
		if err != nil {
			continue // a kernel without IPv6 has no tcp6
		}
		known = true
		for line := range strings.Lines(string(table)) {
			if s, ok := readSocket(line); ok {
				all = append(all, s)
			}
		}
	}
	return all, known
}

// readSocket reads a line of /proc/net/tcp (proc_net(5)):
//
//	sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
//	 0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000      0 48213 …
//
// It is false for a socket that does not listen.
func readSocket(line string) (Socket, bool) {
	const listens = "0A"
	fields := strings.Fields(line)
	if len(fields) < 10 || fields[3] != listens {
		return Socket{}, false
	}
	host, port, _ := strings.Cut(fields[1], ":")
	ip, err := hex.DecodeString(host)
	if err != nil || len(ip)%4 != 0 {
		return Socket{}, false
	}
	for i := 0; i < len(ip); i += 4 { // each word is in the machine's order
		binary.BigEndian.PutUint32(ip[i:], binary.NativeEndian.Uint32(ip[i:]))
	}
	addr, ok := netip.AddrFromSlice(ip)
	n, err := strconv.ParseUint(port, 16, 16)
	return Socket{Addr: netip.AddrPortFrom(addr, uint16(n)), inode: fields[9]}, ok && err == nil
}

// Holder names the program that listens: "python3, process 4711". It is empty
// where this user may not know.
func (s Socket) Holder() string {
	for _, pid := range descendants(0) {
		if inodes, _ := socketsOf(pid); slices.Contains(inodes, s.inode) {
			return nameOf(pid) + ", process " + strconv.Itoa(pid)
		}
	}
	return ""
}

// nameOf returns the name of a process.
func nameOf(pid int) string {
	name, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm") // where it has just ended, it has no name
	return strings.TrimSpace(string(name))
}

// Sockets returns those of the sockets that the tree holds. It is false where
// the system does not say, or not this user.
func (p *Process) Sockets(all []Socket) ([]Socket, bool) {
	var held []string
	for _, pid := range descendants(p.guard.Process.Pid) {
		inodes, err := socketsOf(pid)
		if errors.Is(err, fs.ErrPermission) {
			return nil, false
		}
		held = append(held, inodes...)
	}
	var own []Socket
	for _, s := range all {
		if slices.Contains(held, s.inode) {
			own = append(own, s)
		}
	}
	return own, true
}

// socketsOf returns the inodes of a process's sockets.
func socketsOf(pid int) ([]string, error) {
	folder := "/proc/" + strconv.Itoa(pid) + "/fd/"
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var inodes []string
	for _, f := range files {
		target, _ := os.Readlink(folder + f.Name()) // it may have been closed
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			inodes = append(inodes, strings.TrimSuffix(inode, "]"))
		}
	}
	return inodes, nil
}
