package main

import (
	"fmt"
	"io"
	"log/slog"
)

// The formats of the log.
const (
	logText = "text"
	logJSON = "json"
)

// newLogger returns a logger that writes to w in the format, from the level
// ("debug", "info", "warn", "error") on.
func newLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level: %q is none of debug, info, warn, error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case logText:
		return slog.New(slog.NewTextHandler(w, options)), nil
	case logJSON:
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("--log-format: %q is neither %s nor %s", format, logText, logJSON)
	}
}
