package main

import (
	"fmt"
	"io"
	"log/slog"

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
// warnings wait in, to be flushed at the end.
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
