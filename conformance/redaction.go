package conformance

// redactor takes keys out of texts.
type redactor struct{}

// excerpt shortens b to n bytes for a message.
func excerpt(b []byte, n int) string {
	if len(b) <= n {
		return string(b)
	}
	return string(b[:n]) + "…"
}
