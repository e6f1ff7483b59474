package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/journal"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// The formats of the log.
const (
	logText = "text"
	logJSON = "json"
)

// newLogger returns a logger that writes to w in the format, from the level
// ("debug", "info", "warn", "error") on, and the buffer that its lines below
// warnings wait in, for [endLog].
func newLogger(w io.Writer, format, level string) (*slog.Logger, *journal.Buffer, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, nil, fmt.Errorf("--log-level: %q is none of debug, info, warn, error", level)
	}
	if format != logText && format != logJSON {
		return nil, nil, fmt.Errorf("--log-format: %q is neither %s nor %s", format, logText, logJSON)
	}
	// What the journal writes by itself holds nothing that package plain would escape.
	buffer := journal.NewBuffer(plain.Raw(w))
	return slog.New(journal.NewHandler(buffer, plain.NewWriter(buffer), format == logJSON, l)), buffer, nil
}

// logEnding is how long the end of serve waits for what the log has still to take.
const logEnding = time.Second

// endLog writes what waits, and returns what serve returns, of which err is the
// outcome. Where nobody reads the log nobody can be told of an error either: to
// write it to the same stream would keep the process for ever.
func endLog(lines *journal.Buffer, err error) error {
	if ended := lines.End(logEnding); err == nil || !errors.Is(ended, journal.ErrBlocked) {
		return err
	}
	if _, ok := errors.AsType[*command.MisuseError](err); ok {
		return command.Status(exitUsage)
	}
	return command.Status(exitFailed)
}
