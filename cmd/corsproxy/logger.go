package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// flushTimeout is how long the end of the program waits for the log.
const flushTimeout = time.Second

// A logger writes the log: lines for people on a console, or JSON objects for
// programs. What is said is the same; on a console it is all in the message,
// in JSON it is in fields too.
type logger struct {
	zap     *zap.Logger
	level   zap.AtomicLevel
	sink    *sink
	console bool
	paint   palette
	notes   notes
	// followed are the requests that have come, of which a preflight may ask again.
	followed notes

	weave    *child.Weave // of these lines and what a command behind -- writes
	terminal bool         // standard error was one at the start
}

func newLogger(w world, settings config.Log) *logger {
	terminal := isTerminal(w.stderr)
	l := &logger{
		level:    zap.NewAtomicLevel(),
		console:  settings.Format == "console" || settings.Format == "auto" && terminal,
		paint:    palette(terminal && wantsColour(w.environ)),
		weave:    child.NewWeave(w.stdout, w.stderr, 0),
		terminal: terminal,
	}
	l.setLevel(settings.Level)
	l.sink = newSink(l.weave.Lines(), l.lost)
	core := zapcore.NewCore(l.encoder(), l.sink, l.level)
	l.zap = zap.New(core, zap.ErrorOutput(zapcore.AddSync(io.Discard)))
	return l
}

func (l *logger) encoder() zapcore.Encoder {
	if l.console {
		return zapcore.NewConsoleEncoder(zapcore.EncoderConfig{
			TimeKey:          "time",
			EncodeTime:       zapcore.TimeEncoderOfLayout("15:04:05"),
			MessageKey:       "msg",
			ConsoleSeparator: "  ",
		})
	}
	return zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		TimeKey:     "time",
		EncodeTime:  zapcore.RFC3339NanoTimeEncoder,
		LevelKey:    "level",
		EncodeLevel: zapcore.LowercaseLevelEncoder,
		MessageKey:  "msg",
		LineEnding:  zapcore.DefaultLineEnding,
	})
}

// setLevel changes the level from one line to the next.
func (l *logger) setLevel(name string) {
	// The configuration has made sure that it is a level.
	if level, err := zapcore.ParseLevel(name); err == nil {
		l.level.SetLevel(level)
	}
}

// say logs a message. The fields are for JSON alone.
func (l *logger) say(level zapcore.Level, message string, fields ...zap.Field) {
	if l.console {
		fields = nil
		switch level {
		case zapcore.WarnLevel:
			message = l.paint.yellow("warning: ") + message
		case zapcore.ErrorLevel:
			message = l.paint.red("error: ") + message
		}
	}
	l.zap.Log(level, message, fields...)
}

func (l *logger) info(message string, fields ...zap.Field) {
	l.say(zapcore.InfoLevel, message, fields...)
}

func (l *logger) warn(message string, fields ...zap.Field) {
	l.say(zapcore.WarnLevel, message, fields...)
}

// diagnose warns of something that has a code.
func (l *logger) diagnose(code diagnosis.Code, detail string, fields ...zap.Field) {
	d := diagnosis.Diagnosis{Code: code, Detail: detail}
	l.warn(d.String(), append(fields, zap.String("code", string(code)))...)
}

// panicked tells of a panic, from where it is recovered.
func (l *logger) panicked(value any) {
	l.say(zapcore.ErrorLevel, fmt.Sprintf("a mistake in corsproxy has cut off the request that ends now; please report it, with this: %s\n%s", clean(fmt.Sprint(value)), debug.Stack()))
}

// banner logs a line of the start, which on a console has no time.
func (l *logger) banner(line, message string, fields ...zap.Field) {
	switch {
	case !l.level.Enabled(zapcore.InfoLevel):
	case l.console:
		_, _ = io.WriteString(l.sink, line+"\n")
	default:
		l.info(message, fields...)
	}
}

// lost words that lines were dropped.
func (l *logger) lost(n int64) string {
	message := fmt.Sprintf("%d log lines were dropped: nobody read them fast enough", n)
	if l.console {
		return message + "\n"
	}
	return fmt.Sprintf(`{"level":"warn","time":%q,"msg":%q,"dropped":%d}`+"\n", time.Now().Format(time.RFC3339Nano), message, n)
}

func (l *logger) close() { l.sink.close(flushTimeout) }

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// wantsColour reports whether the environment allows colours: NO_COLOR
// (https://no-color.org) forbids them, and a dumb terminal has none.
func wantsColour(environ []string) bool {
	wants := true
	for _, e := range environ {
		if e == "TERM=dumb" || len(e) > len("NO_COLOR=") && e[:len("NO_COLOR=")] == "NO_COLOR=" {
			wants = false
		}
	}
	return wants
}

// A palette colours text, if it is true.
type palette bool

func (p palette) paint(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p palette) red(s string) string    { return p.paint("31", s) }
func (p palette) green(s string) string  { return p.paint("32", s) }
func (p palette) yellow(s string) string { return p.paint("33", s) }
func (p palette) cyan(s string) string   { return p.paint("36", s) }
func (p palette) dim(s string) string    { return p.paint("2", s) }

// status colours the status of an answer by its class.
func (p palette) status(status int, text string) string {
	switch {
	case status == 0 || status >= 500:
		return p.red(text)
	case status >= 400:
		return p.yellow(text)
	case status >= 300:
		return p.cyan(text)
	}
	return p.green(text)
}
