package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/output"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// reportFile is a report to write.
type reportFile struct{ kind, path string }

// parseReports reads the value of --report.
func parseReports(value string) ([]reportFile, error) {
	var files []reportFile
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		kind, path, ok := strings.Cut(item, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--report: %q is not of the form KIND=PATH, such as html=report.html", item)
		}
		if kind != "json" && kind != "junit" && kind != "html" {
			return nil, fmt.Errorf("--report: %q is not a kind of report: give json, junit or html", kind)
		}
		// Better before the run than after it.
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("--report: %s cannot be written: there is no directory %s", path, filepath.Dir(path))
		}
		for _, other := range files {
			if other.path == path {
				return nil, fmt.Errorf("--report: %s is named for both %s and %s", path, other.kind, kind)
			}
		}
		files = append(files, reportFile{kind, path})
	}
	return files, nil
}

// write replaces the file at once: a reader never sees half a report.
func (f reportFile) write(r *report.Report) error {
	write := r.WriteHTML
	switch f.kind {
	case "json":
		write = r.WriteJSON
	case "junit":
		write = r.WriteJUnit
	}
	return output.Replace(f.path, 0o666, write)
}
