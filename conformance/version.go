package conformance

// Version is the version of the suite. Its second number grows with new cases, its third with repairs; the first when
// ids, flags or the report's schema change in a way that others notice.
const Version = "1.0.0"
