// Package child runs a command as a process tree, beside a program that has
// lines of its own to say.
//
// What the command writes is passed on byte for byte as it comes, through a
// [Weave], and a copy is handed to whoever wants to read it. Where the program
// writes to a terminal, the command gets one too.
//
// The tree ends as a whole, whatever ends first. Between the program and the
// command stands a guard, which is the program's own executable started once
// more (see [IsGuard]): it holds a pipe that closes when the program ends, be
// it by SIGKILL, and then ends the tree. What a platform cannot do:
//
//	Linux    nothing is left out: descendants that make themselves daemons
//	         become the guard's own children. If the guard is killed as well,
//	         what has left the command's session stays.
//	Unix     others know no such adoption: a daemon that has left the
//	         command's process group stays.
//	Windows  a job object ends with the program. There is no guard, and no
//	         terminal for the command: it writes to pipes.
package child
