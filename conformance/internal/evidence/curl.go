package evidence

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// maxCurlBody is the largest body that a curl line quotes, in bytes.
const maxCurlBody = 2 << 10

// curl is a command line for a POSIX shell that repeats the request of an exchange, with variables
// for keys.
func curl(e *wire.Exchange, v *Redactor) string {
	r := e.Request
	line := []string{"curl", "-i", "--path-as-is"}
	switch {
	case r.Method == "HEAD":
		line = append(line, "--head")
	case r.Method != "GET" || len(r.Body) > 0:
		line = append(line, "-X", shellQuote(r.Method))
	}
	if r.Proto == "HTTP/1.0" {
		line = append(line, "--http1.0")
	}
	line = append(line, shellQuote(v.Redact(e.URL)))
	for _, f := range v.fields(r.Header) {
		switch {
		case ownField(r, f):
		case f.Value == "":
			line = append(line, "-H", shellQuote(f.Name+";"))
		default:
			line = append(line, "-H", shellQuote(f.Name+": "+f.Value))
		}
	}
	before := ""
	if len(r.Body) > 0 {
		if !r.Has("Content-Type") {
			line = append(line, "-H", shellQuote("Content-Type:"))
		}
		if r.Chunked {
			line = append(line, "-H", shellQuote("Transfer-Encoding: chunked"))
		}
		switch text := v.Redact(string(r.Body)); {
		case len(r.Body) > maxCurlBody:
			before = fmt.Sprintf("head -c %d /dev/zero | tr '\\0' x | ", len(r.Body))
			line = append(line, "--data-binary @-")
		case utf8.ValidString(text) && !strings.ContainsAny(text, "\x00"):
			line = append(line, "--data-binary", shellQuote(text))
		default:
			before = "printf '%b' '" + octal(r.Body) + "' | "
			line = append(line, "--data-binary @-")
		}
	}
	return before + strings.Join(line, " ")
}

// ownField reports whether a field is left out of the curl line: curl adds it itself, or every
// request of the suite has it.
func ownField(r wire.Request, f wire.HeaderField) bool {
	switch strings.ToLower(f.Name) {
	case "host", "content-length":
		return true
	case "connection":
		return f.Value == "close"
	case "user-agent":
		return strings.HasPrefix(f.Value, "mtrack-conformance/")
	case "accept":
		return f.Value == "application/json"
	case "accept-encoding":
		return f.Value == "identity"
	case "transfer-encoding":
		return r.Chunked
	}
	return false
}

// octal is a text for printf's %b.
func octal(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		fmt.Fprintf(&s, "\\0%03o", c)
	}
	return s.String()
}

var (
	plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)
	// keyExpression matches the expressions over the variables of keys, which are left to the
	// shell.
	keyExpression = regexp.MustCompile(`\$API_KEY_[A-Z0-9_]+|\$\{API_KEY_[A-Z0-9_]+[%#]?\?*\}|` +
		`\$\(printf %s "\$API_KEY_[A-Z0-9_]+" \| tr (a-z A-Z|A-Z a-z)\)`)
)

// shellQuote quotes a redacted text for a POSIX shell so that it expands only the variables of
// keys.
func shellQuote(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	if !keyExpression.MatchString(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	last := 0
	for _, at := range keyExpression.FindAllStringIndex(s, -1) {
		b.WriteString(escapeDouble(s[last:at[0]]))
		b.WriteString(s[at[0]:at[1]])
		last = at[1]
	}
	b.WriteString(escapeDouble(s[last:]))
	b.WriteByte('"')
	return b.String()
}

// escapeDouble escapes a text between double quotes.
func escapeDouble(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(s)
}
