// Package wire is HTTP/1 byte by byte: requests exactly as a case writes them, and responses
// exactly as they were received. No HTTP library sends "//" or "%00" in a path, two fields of one
// name, or a body without its length, and none shows bytes behind the end of a response.
//
// The rooms of the suite call it, suite first of all. It knows no contract and imports, beside the
// standard library, only package excerpt.
package wire
